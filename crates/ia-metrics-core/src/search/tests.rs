//! Tests of the search against the definition.

use proptest::prelude::*;

use super::{FloatSearch, IntegerSearch};

const DEFAULT: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

const ENDS: [f64; 12] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::MIN,
    f64::MAX,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-310,
    -1e-310,
];

/// Sorted, without duplicates, with one zero: what a histogram's bounds are.
fn tidy(mut bounds: Vec<f64>) -> Vec<f64> {
    bounds.iter_mut().for_each(|bound| *bound += 0.0);
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    bounds.truncate(1_000);
    bounds
}

fn check_floats(bounds: &[f64], values: &[f64]) {
    let search = FloatSearch::new(bounds);
    let beside =
        bounds.iter().flat_map(|bound| [bound.next_down(), *bound, bound.next_up(), -bound]);
    for value in beside.chain(ENDS).chain(values.iter().copied()).filter(|value| value.is_finite())
    {
        let expected = bounds.partition_point(|bound| *bound < value);
        assert_eq!(search.bucket(value), expected, "{value:e} among {bounds:?}");
    }
}

fn check_integers(bounds: &[u64], values: &[u64]) {
    let search = IntegerSearch::new(bounds);
    let beside = bounds
        .iter()
        .flat_map(|bound| [bound.saturating_sub(1), *bound, bound.saturating_add(1), bound / 2]);
    let ends = [0, 1, 2, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, 1 << 63, u64::MAX - 1, u64::MAX];
    for value in beside.chain(ends).chain(values.iter().copied()) {
        let expected = bounds.partition_point(|bound| *bound < value);
        assert_eq!(search.bucket(value), expected, "{value} among {bounds:?}");
    }
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite()),
        -1e3..1e3,
        0.0..20.0,
        (0_u64..100).prop_map(f64::from_bits),
        (0..ENDS.len()).prop_map(|nth| ENDS[nth]),
    ]
}

fn integer() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0_u64..100,
        (any::<u64>(), 0_u32..64).prop_map(|(value, shift)| value >> shift),
        (0_u64..50).prop_map(|distance| (1 << 53) - 25 + distance),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn floats_among_any_bounds(
        bounds in prop::collection::vec(finite(), 0..40),
        values in prop::collection::vec(finite(), 0..40),
    ) {
        check_floats(&tidy(bounds), &values);
    }

    #[test]
    fn floats_among_bounds_of_like_size(
        bounds in prop::collection::vec(0.001..100.0, 0..40),
        with_zero in any::<bool>(),
        values in prop::collection::vec(-1.0..200.0, 0..100),
    ) {
        let zero = with_zero.then_some(0.0);
        check_floats(&tidy(bounds.into_iter().chain(zero).collect()), &values);
    }

    #[test]
    fn floats_among_neighbours(start in finite(), count in 1_usize..=1_000) {
        let bounds: Vec<f64> = std::iter::successors(Some(start), |bound| Some(bound.next_up()))
            .take_while(|bound| bound.is_finite())
            .take(count)
            .collect();
        check_floats(&tidy(bounds), &[]);
    }

    #[test]
    fn integers_among_any_bounds(
        mut bounds in prop::collection::vec(integer(), 0..40),
        values in prop::collection::vec(integer(), 0..40),
    ) {
        bounds.sort_unstable();
        bounds.dedup();
        check_integers(&bounds, &values);
    }

    #[test]
    fn integers_among_neighbours(start in integer(), step in 1_u64..1_000, count in 1_usize..=1_000) {
        let bounds: Vec<u64> =
            std::iter::successors(Some(start), |bound| bound.checked_add(step)).take(count).collect();
        check_integers(&bounds, &[]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_thousand_bounds(
        floats in prop::collection::vec(finite(), 1_200),
        integers in prop::collection::vec(integer(), 1_000),
    ) {
        check_floats(&tidy(floats), &[]);
        let mut integers = integers;
        integers.sort_unstable();
        integers.dedup();
        check_integers(&integers, &[]);
    }
}

#[test]
fn no_bounds_and_one() {
    check_floats(&[], &[-1.0, 3.0]);
    check_integers(&[], &[3]);
    for bound in ENDS {
        check_floats(&[bound + 0.0], &[]);
    }
    for bound in [0, 1, 1 << 53, u64::MAX] {
        check_integers(&[bound], &[]);
    }
}

#[test]
fn bounds_over_the_whole_range() {
    let octaves: Vec<f64> = (-1_000..=1_000).step_by(3).map(|e| 2_f64.powi(e)).collect();
    check_floats(&octaves, &[]);
    let both: Vec<f64> =
        octaves.iter().rev().map(|bound| -bound).chain(octaves.iter().copied()).collect();
    check_floats(&both.into_iter().step_by(2).collect::<Vec<_>>(), &[]);
    check_floats(&[f64::MIN, -1.0, 0.0, 1.0, f64::MAX], &[0.5, -0.5, 2.0, -2.0]);
}

#[test]
fn evenly_spaced_bounds() {
    let bounds: Vec<f64> = (0..1_000_u32).map(|nth| f64::from(nth) / 10.0).collect();
    let values: Vec<f64> = (0..100_000_u32).map(|nth| f64::from(nth) / 999.0).collect();
    check_floats(&bounds, &values);
    let integers: Vec<u64> = (1..=1_000).map(|nth| nth * 1_000_000).collect();
    let values: Vec<u64> = (0..100_000).map(|nth| nth * 10_007).collect();
    check_integers(&integers, &values);
}

#[test]
fn values_among_the_default_bounds() {
    let values: Vec<f64> = (0..100_000_u32).map(|nth| f64::from(nth) / 9_000.0).collect();
    check_floats(&DEFAULT, &values);
    let nanos = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
    let values: Vec<u64> = (0..100_000).map(|nth| nth * 110_017).collect();
    check_integers(&nanos.map(|milli| milli * 1_000_000), &values);
}

#[test]
fn bounds_that_lie_apart_are_never_searched_for() {
    let geometric: Vec<f64> =
        std::iter::successors(Some(0.001), |bound| Some(bound * 1.1)).take(100).collect();
    let even: Vec<f64> = (1..=20_u32).map(|nth| f64::from(nth) * 5.0).collect();
    for bounds in [&DEFAULT[..], &geometric, &even] {
        let search = FloatSearch::new(bounds);
        for value in bounds.iter().flat_map(|bound| [*bound, bound.next_up()]) {
            let expected = bounds.partition_point(|bound| *bound < value);
            assert_eq!(search.look_up(value), expected, "{value} among {bounds:?}");
        }
    }
}

#[test]
fn bounds_that_are_not_positive_leave_the_others_to_the_table() {
    let bounds: Vec<f64> = [-2.0, 0.0].into_iter().chain(DEFAULT).collect();
    let search = FloatSearch::new(&bounds);
    for value in DEFAULT.iter().flat_map(|bound| [*bound, bound.next_up()]) {
        let expected = bounds.partition_point(|bound| *bound < value);
        assert_eq!(search.look_up(value), expected, "{value}");
    }
}

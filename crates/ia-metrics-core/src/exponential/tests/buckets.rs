//! Tests of merging, scaling down and limiting.

use proptest::prelude::*;

use super::super::{Cell, ExponentialBuckets, ExponentialScale, FloatIndex};
use super::{any_scale, any_value};

/// The whole, and eight parts of it at scales of their own.
fn parts(values: &[f64], scale: ExponentialScale, finer: [u8; 8]) -> Vec<ExponentialBuckets> {
    (0..8)
        .map(|part| {
            let values = values.iter().copied().skip(part).step_by(8);
            let finer = i8::try_from(finer[part]).unwrap();
            let scale = scale.get().saturating_add(finer).min(ExponentialScale::MAX.get());
            ExponentialBuckets::from_values(ExponentialScale::new(scale).unwrap(), values)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn eight_parts_in_any_order_merge_to_the_whole(
        values in prop::collection::vec(any_value(), 1..200),
        scale in any_scale(),
        mut finer in prop::array::uniform8(0_u8..4),
        order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        finer[0] = 0;
        let parts = parts(&values, scale, finer);
        let whole = ExponentialBuckets::from_values(scale, values);
        let one_by_one = order.iter().map(|nth| parts[*nth].clone()).reduce(|a, b| a.merge(&b)).unwrap();
        let in_pairs: Vec<_> = order.chunks(2).map(|pair| parts[pair[0]].merge(&parts[pair[1]])).collect();
        let as_tree = in_pairs[0].merge(&in_pairs[1]).merge(&in_pairs[2].merge(&in_pairs[3]));
        prop_assert_eq!(&one_by_one, &whole);
        prop_assert_eq!(&as_tree, &whole);
    }

    #[test]
    fn scaling_down_and_merging_commute(
        some in prop::collection::vec(any_value(), 0..100),
        others in prop::collection::vec(any_value(), 0..100),
        scale in any_scale(),
        by in 0_u32..14,
    ) {
        let (a, b) = (
            ExponentialBuckets::from_values(scale, some.iter().copied()),
            ExponentialBuckets::from_values(scale, others.iter().copied()),
        );
        let merged = a.merge(&b).downscale(by);
        prop_assert_eq!(&merged, &a.downscale(by).merge(&b.downscale(by)));
        prop_assert_eq!(&merged, &a.downscale(by).merge(&b));
        let direct = ExponentialBuckets::from_values(merged.scale(), some.into_iter().chain(others));
        prop_assert_eq!(&merged, &direct);
    }

    #[test]
    fn a_limit_is_kept_at_the_finest_scale_that_keeps_it(
        values in prop::collection::vec(any_value(), 0..100),
        scale in any_scale(),
        most in 1_usize..200,
    ) {
        let buckets = ExponentialBuckets::from_values(scale, values);
        let len = |buckets: &ExponentialBuckets| {
            buckets.positive().counts().len() + buckets.negative().counts().len()
        };
        let limited = buckets.limit(most);
        prop_assert_eq!(limited.count(), buckets.count());
        prop_assert!(len(&limited) <= most || limited.scale() == ExponentialScale::MIN);
        let steps = u32::try_from(scale.get() - limited.scale().get()).unwrap();
        prop_assert_eq!(&limited, &buckets.downscale(steps));
        prop_assert!(steps == 0 || len(&buckets.downscale(steps - 1)) > most);
    }

    #[test]
    fn buckets_are_ascending_and_hold_what_lies_within_their_bounds(
        values in prop::collection::vec(any_value(), 0..100),
        scale in -4_i8..=6,
    ) {
        let scale = ExponentialScale::new(scale).unwrap();
        let buckets = ExponentialBuckets::from_values(scale, values.iter().copied());
        let listed: Vec<_> = buckets.buckets().collect();
        prop_assert!(listed.is_sorted_by(|a, b| a.upper <= b.lower));
        prop_assert_eq!(listed.iter().map(|bucket| bucket.count).sum::<u64>(), buckets.count());
        let range = 2_f64.powi(128);
        for bucket in listed {
            // Random values do not lie between a bound and its nearest float; powers of two are bounds exactly.
            let inside = values.iter().map(|value| value.clamp(-range, range)).filter(|value| {
                match (bucket.lower > 0.0, bucket.upper < 0.0) {
                    (true, _) => *value > bucket.lower && *value <= bucket.upper,
                    (_, true) => *value >= bucket.lower && *value < bucket.upper,
                    _ => *value >= bucket.lower && *value <= bucket.upper,
                }
            });
            prop_assert_eq!(inside.count() as u64, bucket.count, "{:?}", bucket);
        }
    }

    #[test]
    fn dense_cells_make_the_same_buckets_as_the_values(
        values in prop::collection::vec(any_value(), 0..100),
        scale in -4_i8..=5,
    ) {
        let scale = ExponentialScale::new(scale).unwrap();
        let index = FloatIndex::new(scale);
        let mut cells = vec![0; index.cells()];
        values.iter().for_each(|value| cells[index.cell(*value)] += 1);
        prop_assert_eq!(index.buckets(&cells), ExponentialBuckets::from_values(scale, values));
    }
}

#[test]
fn nothing_has_no_buckets() {
    let none =
        ExponentialBuckets::from_values(ExponentialScale::default(), [f64::NAN, f64::INFINITY]);
    assert_eq!((none.count(), none.buckets().count()), (0, 0));
    assert_eq!((none.positive().offset(), none.positive().counts()), (0, &[][..]));
    assert_eq!(none.limit(0), none);
    let one = ExponentialBuckets::from_values(ExponentialScale::default(), [1.0]);
    assert_eq!(one.merge(&none), one);
    assert_eq!(none.merge(&one), one);
}

#[test]
fn counts_stop_at_the_end_of_their_range() {
    let scale = ExponentialScale::of::<0>();
    let full = |cell| ExponentialBuckets::from_cells(scale, 0.0, [(cell, u64::MAX)].into_iter());
    let merged = full(Cell::Positive(0)).merge(&full(Cell::Positive(0))).merge(&full(Cell::Zero));
    assert_eq!(merged.positive().counts(), [u64::MAX]);
    assert_eq!(merged.count(), u64::MAX);
    assert_eq!(
        full(Cell::Positive(0)).merge(&full(Cell::Positive(1))).downscale(1).count(),
        u64::MAX
    );
}

#[test]
fn the_larger_zero_threshold_is_kept() {
    let scale = ExponentialScale::of::<0>();
    let of =
        |threshold| ExponentialBuckets::from_cells(scale, threshold, [(Cell::Zero, 1)].into_iter());
    let merged = of(0.0).merge(&of(FloatIndex::ZERO_THRESHOLD));
    assert_eq!((merged.zero_threshold(), merged.zero_count()), (2_f64.powi(-128), 2));
}

#[test]
#[expect(clippy::float_cmp, reason = "factors are the nearest floats")]
fn scales_have_their_factors() {
    let factor = |scale| ExponentialScale::new(scale).unwrap().factor();
    assert_eq!([-4, -1, 0].map(factor), [65_536.0, 4.0, 2.0]);
    assert_eq!(factor(1).to_bits(), 2_f64.sqrt().to_bits());
    assert_eq!(factor(8).powi(256).round(), 2.0);
    assert!(ExponentialScale::new(-5).is_err() && ExponentialScale::new(9).is_err());
    assert_eq!(ExponentialScale::default().to_string(), "3");
}

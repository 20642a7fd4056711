//! Tests of quantiles.

use proptest::prelude::*;

use super::super::{Cell, ExponentialBuckets, ExponentialScale, FloatIndex};
use super::{any_scale, any_value};

/// Positions of cells by value: negative buckets, zero, positive buckets.
fn position(value: f64, scale: ExponentialScale) -> i32 {
    let index = FloatIndex::new(scale);
    let beyond_all = 1 << 20;
    match index.decode(index.cell(value)) {
        Cell::Zero => 0,
        Cell::Positive(index) => beyond_all + index,
        Cell::Negative(index) => -beyond_all - index,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn an_estimate_lies_in_the_bucket_of_the_quantile_or_on_its_bound(
        mut values in prop::collection::vec(any_value(), 1..200),
        scale in any_scale(),
        q in prop_oneof![0.0..=1.0, Just(0.0), Just(0.5), Just(1.0)],
    ) {
        values.sort_by(f64::total_cmp);
        let estimate = ExponentialBuckets::from_values(scale, values.iter().copied()).quantile(q).unwrap();
        // Between two values both are the quantile.
        let rank = q * values.len() as f64;
        let neighbours = values.iter().enumerate().filter(|(nth, _)| {
            (*nth as f64 - 1e-9..=*nth as f64 + 1.0 + 1e-9).contains(&rank)
        });
        let near = neighbours.map(|(_, value)| position(*value, scale)).any(|expected| {
            let found = [estimate.next_down(), estimate, estimate.next_up()].map(|value| position(value, scale));
            found.contains(&expected)
        });
        prop_assert!(near, "{} for {} of {:?}", estimate, q, values);
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "powers of two and their roots are exact")]
fn estimates_are_those_of_promql() {
    let scale = ExponentialScale::of::<0>();
    let quantile = |values: &[f64], q| {
        ExponentialBuckets::from_values(scale, values.iter().copied()).quantile(q).unwrap()
    };
    // Half of the bucket from 1 to 4 on a logarithmic scale.
    assert_eq!(quantile(&[1.5, 1.5], 0.25), 2_f64.powf(0.25));
    assert_eq!(quantile(&[1.5, 1.5], 0.5), 2_f64.sqrt());
    assert_eq!(quantile(&[-1.5, -1.5], 0.5), -(2_f64.sqrt()));
    // Between two buckets: from 0.5 on the bucket is found from above.
    assert_eq!(quantile(&[1.5, 12.0], 0.5), 8.0);
    assert_eq!(quantile(&[1.5, 12.0], 0.499_999_999_999).round(), 2.0);
    assert_eq!((quantile(&[1.5, 12.0], 0.0), quantile(&[1.5, 12.0], 1.0)), (1.0, 16.0));
}

#[test]
#[expect(clippy::float_cmp, reason = "bounds are exact")]
fn what_counts_as_zero_is_of_the_sign_of_the_others() {
    let quantile = |values: [f64; 2], q| {
        ExponentialBuckets::from_values(ExponentialScale::of::<0>(), values).quantile(q).unwrap()
    };
    let threshold = 2_f64.powi(-128);
    assert_eq!(quantile([0.0, 1.0], 0.0), 0.0);
    assert_eq!(quantile([0.0, -1.0], 1.0), 0.0);
    assert_eq!(quantile([0.0, 0.0], 0.0), -threshold);
    assert_eq!(quantile([0.0, 0.0], 0.5), 0.0);
}

#[test]
fn nothing_has_no_quantile() {
    let none = ExponentialBuckets::from_values(ExponentialScale::default(), []);
    assert_eq!(none.quantile(0.5), None);
    let one = ExponentialBuckets::from_values(ExponentialScale::default(), [1.0]);
    assert_eq!([-0.1, 1.1, f64::NAN].map(|q| one.quantile(q)), [None; 3]);
}

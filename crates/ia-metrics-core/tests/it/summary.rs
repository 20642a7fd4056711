//! Summaries.

use std::time::Duration;

use ia_metrics_core::{DataPoint, Registry, Summary, SummaryDesc};
use proptest::prelude::*;

use crate::clock::ManualClock;

const SCORE: SummaryDesc<0> = SummaryDesc::new("score", "Score.", []);
const AGE: SummaryDesc<0, Duration> =
    SummaryDesc::seconds("age_seconds", "Age.", []).window(Duration::from_secs(10));

fn of(values: impl IntoIterator<Item = f64>) -> Summary {
    let score = Registry::new().summary(&SCORE).get();
    values.into_iter().for_each(|value| score.observe(value));
    score
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!(
        (found - expected).abs() <= expected * 0.008,
        "{found} is not within 0.8 % of {expected}"
    );
}

#[test]
fn nothing_has_no_quantiles() {
    let score = of([]);
    assert_eq!([0.0, 0.5, 0.99, 1.0].map(|q| score.quantile(q)), [None; 4]);
}

#[test]
fn one_value_is_every_quantile() {
    let score = of([7.3]);
    assert_eq!([0.0, 0.5, 0.99, 1.0].map(|q| score.quantile(q)), [Some(7.3); 4]);
}

#[test]
fn the_quantiles_of_ten_are_of_nearest_rank() {
    let score = of((1..=10).map(f64::from));
    assert_eq!(score.quantile(0.0), Some(1.0));
    near(score.quantile(0.5), 5.0);
    near(score.quantile(0.9), 9.0);
    near(score.quantile(0.95), 10.0);
    assert_eq!(score.quantile(1.0), Some(10.0));
}

#[test]
fn the_quantiles_of_a_hundred_are_of_nearest_rank() {
    let score = of((1..=100).map(f64::from));
    assert_eq!(score.quantile(0.0), Some(1.0));
    for (q, expected) in [(0.5, 50.0), (0.9, 90.0), (0.95, 95.0), (0.99, 99.0)] {
        near(score.quantile(q), expected);
    }
    assert_eq!(score.quantile(1.0), Some(100.0));
}

#[test]
fn a_quantile_outside_zero_and_one_is_none() {
    let score = of([1.0]);
    assert_eq!([-0.1, 1.1, f64::NAN].map(|q| score.quantile(q)), [None; 3]);
}

#[test]
fn values_out_of_range_are_refused_and_counted() {
    let registry = Registry::new();
    let score = registry.summary(&SCORE).get();
    [-1.0, f64::NAN, f64::INFINITY, 1e12, 0.0].into_iter().for_each(|value| score.observe(value));
    assert_eq!(registry.stats().rejected, 4);
    assert_eq!(score.quantile(1.0), Some(0.0));
}

#[test]
fn the_window_forgets_and_the_totals_do_not() {
    let clock = ManualClock::new();
    let registry = Registry::builder().clock(clock.clone()).build();
    let age = registry.summary(&AGE).get();
    age.observe(Duration::from_secs(100));
    clock.advance(Duration::from_secs(9));
    age.observe(Duration::from_secs(1));
    assert_eq!(age.quantile(1.0), Some(100.0));
    clock.advance(Duration::from_secs(4));
    assert_eq!(age.quantile(1.0), Some(1.0));
    clock.advance(Duration::from_hours(1));
    assert_eq!(age.quantile(1.0), None);

    let snapshot = registry.snapshot();
    let DataPoint::Summary(point) =
        snapshot.family("age_seconds").unwrap().series().next().unwrap().point()
    else {
        panic!("not a summary")
    };
    assert_eq!((point.count(), point.sum().to_string()), (2, "101".to_owned()));
    assert!(point.quantiles().iter().all(|(_, value)| value.is_none()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_quantile_is_within_its_error(values in prop::collection::vec(0_u32..10_000_000, 1..400), q in 0.0..=1.0) {
        let mut sorted: Vec<f64> = values.iter().map(|value| f64::from(*value) / 1e3).collect();
        let found = of(sorted.iter().copied()).quantile(q).unwrap();
        sorted.sort_by(f64::total_cmp);
        let rank = ((q * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len());
        // hdrhistogram rounds q * n with a tolerance, so a rank beside it may be answered.
        let near = [rank - 1, rank, (rank + 1).min(sorted.len())]
            .into_iter()
            .filter(|rank| *rank > 0)
            .any(|rank| (found - sorted[rank - 1]).abs() <= sorted[rank - 1] * 0.008 + 1e-9);
        prop_assert!(near, "{} is not near rank {} of {:?}", found, rank, sorted);
    }
}

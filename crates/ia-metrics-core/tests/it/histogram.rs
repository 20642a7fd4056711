//! Histograms.

use std::thread;
use std::time::Duration;

use ia_metrics_core::{
    Buckets, DataPoint, Descriptor, Histogram, HistogramDesc, HistogramPoint, Registry,
};
use proptest::prelude::*;

const SECONDS: HistogramDesc<0, Duration> =
    HistogramDesc::seconds("work_seconds", "Work.", []).buckets(&[0.1, 1.0]);
const BYTES: HistogramDesc<0, u64> =
    HistogramDesc::new("work_bytes", "Work.", []).buckets(&[0.5, 0.7, 1024.0]);

fn point(registry: &Registry, name: &str, check: impl FnOnce(&HistogramPoint)) {
    let snapshot = registry.snapshot();
    let series = snapshot.family(name).unwrap().series().next().unwrap();
    let DataPoint::Histogram(point) = series.point() else { panic!("not a histogram") };
    check(point);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn buckets_are_cumulative_and_ascending_and_end_in_one_infinity_equal_to_the_count(
        bounds in prop::collection::vec(prop_oneof![-1e6..1e6, Just(f64::INFINITY), Just(0.0), Just(-0.0)], 0..40),
        values in prop::collection::vec(-2e6..2e6, 0..300),
    ) {
        let registry = Registry::new();
        let descriptor = Descriptor::histogram("h", "h").buckets(Buckets::new(bounds.clone()).unwrap()).build().unwrap();
        let histogram = registry.dynamic::<Histogram<f64>>(&descriptor).unwrap().with::<&str>(&[]).unwrap();
        values.iter().for_each(|value| histogram.observe(*value));
        let mut buckets = Vec::new();
        point(&registry, "h", |point| {
            buckets.extend(point.buckets());
            assert_eq!(point.count(), values.len() as u64);
        });
        prop_assert!(buckets.is_sorted_by(|a, b| a.upper_bound < b.upper_bound && a.cumulative <= b.cumulative));
        prop_assert_eq!(buckets.iter().filter(|bucket| bucket.upper_bound.is_infinite()).count(), 1);
        prop_assert_eq!(buckets.last().unwrap().cumulative, values.len() as u64);
        for bucket in &buckets {
            let expected = values.iter().filter(|value| **value <= bucket.upper_bound).count() as u64;
            prop_assert_eq!(bucket.cumulative, expected);
        }
    }

    #[test]
    fn durations_on_a_bound_and_beside_it_fall_where_seconds_say(nanos in 0_u64..3_000_000_000) {
        let registry = Registry::new();
        let histogram = registry.histogram(&SECONDS).get();
        for nanos in [nanos, 99_999_999, 100_000_000, 100_000_001, 1_000_000_000] {
            histogram.observe(Duration::from_nanos(nanos));
        }
        let extra = |bound: u64| u64::from(nanos <= bound);
        let mut cumulative = Vec::new();
        point(&registry, "work_seconds", |point| cumulative.extend(point.buckets().map(|bucket| bucket.cumulative)));
        prop_assert_eq!(cumulative, vec![2 + extra(100_000_000), 4 + extra(1_000_000_000), 5]);
    }
}

#[test]
fn counts_and_sums_are_exact_under_threads() {
    let registry = Registry::new();
    let histogram = registry.histogram(&SECONDS).get();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5_000).for_each(|i| histogram.observe(Duration::from_nanos(i))));
        }
    });
    assert_eq!(histogram.count(), 40_000);
    point(&registry, "work_seconds", |point| assert_eq!(point.sum().to_string(), "0.09998"));
}

#[test]
fn fractional_bounds_of_whole_numbers_hold_the_numbers_below_them() {
    let registry = Registry::new();
    let histogram = registry.histogram(&BYTES).get();
    [0, 1, 1024, 1025].into_iter().for_each(|value| histogram.observe(value));
    point(&registry, "work_bytes", |point| {
        let cumulative: Vec<u64> = point.buckets().map(|bucket| bucket.cumulative).collect();
        assert_eq!(cumulative, [1, 1, 3, 4]);
    });
}

#[test]
fn values_that_are_not_finite_are_refused_and_counted() {
    const SCORE: HistogramDesc<0> = HistogramDesc::new("score", "Score.", []);
    let registry = Registry::new();
    let histogram = registry.histogram(&SCORE).get();
    [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0]
        .into_iter()
        .for_each(|value| histogram.observe(value));
    assert_eq!((histogram.count(), registry.stats().rejected), (1, 3));
}

#[test]
fn a_quantile_is_interpolated_as_promql_does() {
    let registry = Registry::new();
    let histogram = registry.histogram(&SECONDS).get();
    (0..90).for_each(|_| histogram.observe(Duration::from_millis(50)));
    (0..10).for_each(|_| histogram.observe(Duration::from_millis(500)));
    point(&registry, "work_seconds", |point| {
        assert!((point.quantile(0.45).unwrap() - 0.05).abs() < 1e-9);
        assert!((point.quantile(0.95).unwrap() - 0.55).abs() < 1e-9);
        assert_eq!(point.quantile(1.5), None);
    });
}

#[test]
fn a_quantile_beyond_the_last_bound_is_that_bound_and_of_nothing_is_none() {
    let registry = Registry::new();
    let histogram = registry.histogram(&SECONDS).get();
    point(&registry, "work_seconds", |point| assert_eq!(point.quantile(0.5), None));
    histogram.observe(Duration::from_hours(1));
    point(&registry, "work_seconds", |point| assert_eq!(point.quantile(0.5), Some(1.0)));
}

#[test]
fn durations_are_seconds_on_export_however_they_are_described() {
    const PLAIN: HistogramDesc<0, Duration> = HistogramDesc::new("plain_seconds", "Plain.", []);
    let registry = Registry::new();
    registry.histogram(&PLAIN).get().observe(Duration::from_secs(3));
    point(&registry, "plain_seconds", |point| {
        assert_eq!(point.sum().to_string(), "3");
        assert_eq!(
            point.buckets().find(|bucket| bucket.count > 0).map(|bucket| bucket.upper_bound),
            Some(5.0)
        );
    });
}

#[test]
fn sums_stop_at_the_ends_of_their_range() {
    const SCORE: HistogramDesc<0> = HistogramDesc::new("score", "Score.", []);
    let registry = Registry::new();
    let (bytes, score) = (registry.histogram(&BYTES).get(), registry.histogram(&SCORE).get());
    for _ in 0..2 {
        bytes.observe(u64::MAX);
        score.observe(f64::MAX);
    }
    point(&registry, "work_bytes", |point| {
        assert_eq!(point.sum().to_string(), u64::MAX.to_string());
    });
    point(&registry, "score", |point| {
        assert_eq!(point.sum().as_f64().to_bits(), f64::MAX.to_bits());
    });
}

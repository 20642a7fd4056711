//! The limit of series per metric.

use ia_metrics_core::{CounterDesc, Registry};

const USERS: CounterDesc<1> = CounterDesc::new("logins_total", "Logins.", ["user"]);

#[test]
fn past_the_limit_everything_goes_to_the_overflow_series_and_the_total_stays_exact() {
    let registry = Registry::new();
    let users = registry.counter(&USERS);
    (0..10_000).for_each(|user: u32| users.with([user.to_string()]).inc());

    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("logins_total", [("otel_metric_overflow", "true")]), Some(8_000.0));
    assert_eq!(snapshot.sum("logins_total", []).to_bits(), 10_000_f64.to_bits());
    assert_eq!(
        snapshot.value("telemetry_series_overflow_total", [("metric", "logins_total")]),
        Some(8_000.0)
    );
    assert_eq!(registry.stats().series, 2_001);
}

#[test]
fn known_series_keep_counting_after_the_limit() {
    let registry = Registry::builder().series_limit(1).build();
    let users = registry.counter(&USERS);
    users.with(["ann"]).inc();
    users.with(["bob"]).inc();
    users.with(["ann"]).inc();
    assert_eq!(users.with(["ann"]).value(), 2);
}

#[test]
fn a_descriptor_can_raise_its_own_limit() {
    const MANY: CounterDesc<1> = USERS.series_limit(3_000);
    let registry = Registry::new();
    let users = registry.counter(&MANY);
    (0..3_000).for_each(|user: u32| users.with([user.to_string()]).inc());
    assert_eq!(registry.stats().overflowed, 0);
}

#[test]
fn below_the_limit_there_is_no_overflow_metric() {
    let registry = Registry::new();
    registry.counter(&USERS).with(["ann"]).inc();
    assert!(registry.snapshot().family("telemetry_series_overflow_total").is_none());
}

#[test]
fn a_huge_label_value_is_cut_on_a_character_boundary() {
    let registry = Registry::new();
    let users = registry.counter(&USERS);
    users.with(["é".repeat(500_000)]).inc();
    let snapshot = registry.snapshot();
    let series = snapshot.family("logins_total").unwrap().series().next().unwrap();
    let (_, value) = series.labels().next().unwrap();
    assert!(
        value.len() <= 4_096 && value.starts_with('é') && value.ends_with('…'),
        "{} bytes",
        value.len()
    );
}

#[test]
fn values_that_share_their_bytes_across_labels_are_different_series() {
    const PAIR: CounterDesc<2> = CounterDesc::new("pairs_total", "Pairs.", ["a", "b"]);
    let registry = Registry::new();
    let pairs = registry.counter(&PAIR);
    pairs.with(["ab", "c"]).inc();
    pairs.with(["a", "bc"]).add(2);
    pairs.with(["", "abc"]).add(4);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("pairs_total", [("b", "bc"), ("a", "a")]), Some(2.0));
    assert_eq!(snapshot.family("pairs_total").unwrap().series().len(), 3);
}

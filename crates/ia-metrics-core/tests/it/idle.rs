//! Eviction of series that stand still.

use std::time::Duration;

use ia_metrics_core::{CounterDesc, GaugeDesc, Registry, SummaryDesc};

use crate::clock::ManualClock;

const TIMEOUT: Duration = Duration::from_secs(30);
const JOBS: CounterDesc<1> = CounterDesc::new("jobs_total", "Jobs.", ["id"]).idle_timeout(TIMEOUT);

fn registry() -> (Registry, ManualClock) {
    let clock = ManualClock::new();
    (Registry::builder().clock(clock.clone()).build(), clock)
}

#[test]
fn a_series_that_stands_still_is_evicted_and_begins_anew() {
    let (registry, clock) = registry();
    let jobs = registry.counter(&JOBS);
    (0..20).for_each(|_| jobs.with(["a"]).inc());
    drop(registry.snapshot());
    clock.advance(TIMEOUT / 2);
    assert_eq!(registry.snapshot().value("jobs_total", [("id", "a")]), Some(20.0));
    clock.advance(TIMEOUT / 2);
    assert_eq!(registry.snapshot().value("jobs_total", [("id", "a")]), None);
    jobs.with(["a"]).inc();
    assert_eq!(registry.snapshot().value("jobs_total", [("id", "a")]), Some(1.0));
}

#[test]
fn a_series_with_a_handle_stays() {
    let (registry, clock) = registry();
    let handle = registry.counter(&JOBS).with(["a"]);
    for _ in 0..3 {
        drop(registry.snapshot());
        clock.advance(TIMEOUT);
    }
    assert_eq!(registry.stats().series, 1);
    drop(handle);
    drop(registry.snapshot());
    assert_eq!(registry.stats().series, 0);
}

#[test]
fn a_series_that_is_looked_up_stays() {
    const LEVEL: GaugeDesc<1> = GaugeDesc::new("level", "A level.", ["id"]).idle_timeout(TIMEOUT);
    let (registry, clock) = registry();
    for _ in 0..40 {
        registry.gauge(&LEVEL).with(["a"]).set(1);
        drop(registry.snapshot());
        clock.advance(TIMEOUT);
    }
    assert_eq!(registry.stats().series, 1);
}

#[test]
fn a_new_series_is_not_evicted_for_standing_still_as_one_before_it_in_its_place() {
    let (registry, clock) = registry();
    let jobs = registry.counter(&JOBS);
    jobs.with(["a"]).inc();
    drop(registry.snapshot());
    // None of these is seen by a snapshot.
    jobs.remove(["a"]);
    jobs.with(["b"]).inc();
    jobs.remove(["b"]);
    clock.advance(TIMEOUT);
    jobs.with(["c"]).inc();
    assert_eq!(registry.snapshot().value("jobs_total", [("id", "c")]), Some(1.0));
}

#[test]
fn a_summary_that_stands_still_for_longer_than_a_step_of_its_window_is_evicted() {
    const SCORE: SummaryDesc<1> = SummaryDesc::new("score", "Score.", ["id"])
        .window(Duration::from_secs(10))
        .idle_timeout(TIMEOUT);
    let (registry, clock) = registry();
    registry.summary(&SCORE).with(["a"]).observe(1.0);
    for _ in 0..=TIMEOUT.as_secs() {
        drop(registry.snapshot());
        clock.advance(Duration::from_secs(1));
    }
    drop(registry.snapshot());
    assert_eq!(registry.stats().series, 0);
}

#[test]
fn a_summary_that_is_observed_stays() {
    const SCORE: SummaryDesc<1> = SummaryDesc::new("score", "Score.", ["id"])
        .window(Duration::from_hours(10))
        .idle_timeout(TIMEOUT);
    let (registry, clock) = registry();
    for count in 1..=20 {
        registry.summary(&SCORE).with(["a"]).observe(0.0);
        assert_eq!(registry.snapshot().value("score", [("id", "a")]), Some(f64::from(count)));
        clock.advance(TIMEOUT);
    }
}

#[test]
fn a_summary_that_was_only_looked_up_before_it_was_observed_stays() {
    const SCORE: SummaryDesc<1> = SummaryDesc::new("score", "Score.", ["id"]).idle_timeout(TIMEOUT);
    let (registry, clock) = registry();
    let score = registry.summary(&SCORE);
    drop(score.with(["a"]));
    drop(registry.snapshot());
    clock.advance(TIMEOUT);
    score.with(["a"]).observe(0.0);
    assert_eq!(registry.snapshot().value("score", [("id", "a")]), Some(1.0));
}

#[test]
fn a_summary_that_threads_without_a_slab_observe_stays() {
    const SCORE: SummaryDesc<1> = SummaryDesc::new("score", "Score.", ["id"])
        .window(Duration::from_hours(10))
        .idle_timeout(TIMEOUT);
    let (registry, clock) = registry();
    let score = registry.summary(&SCORE);
    for count in 1..=20 {
        crate::ending::on_a_thread_that_is_ending({
            let score = score.clone();
            move || score.with(["a"]).observe(0.0)
        });
        assert_eq!(registry.snapshot().value("score", [("id", "a")]), Some(f64::from(count)));
        clock.advance(TIMEOUT);
    }
}

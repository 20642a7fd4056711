//! Which keys lead to which series.

use std::time::Duration;

use ia_metrics_core::{CounterDesc, Recorder, Registry};
use metrics::{Key, Label, Level, Metadata, Recorder as _, counter, gauge};

use super::recorded;
use crate::clock::ManualClock;

const METADATA: Metadata<'static> = Metadata::new("test", Level::INFO, None);

fn labels(pairs: &[(&'static str, &'static str)]) -> Vec<Label> {
    pairs.iter().map(|(name, value)| Label::new(*name, *value)).collect()
}

#[test]
fn the_order_of_labels_makes_no_second_series() {
    let registry = recorded(|| {
        for _ in 0..3 {
            counter!("x", "a" => "1", "b" => "2").increment(1);
            counter!("x", "b" => "2", "a" => "1").increment(1);
            counter!("x", "a" => "2", "b" => "1").increment(1);
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("x", [("a", "1"), ("b", "2")]), Some(6.0));
    assert_eq!(snapshot.family("x").unwrap().series().len(), 2);
}

#[test]
fn of_a_label_given_twice_the_last_value_counts_whatever_came_before() {
    let registry = recorded(|| {
        for _ in 0..2 {
            counter!("x", "a" => "1", "a" => "2").increment(1);
            counter!("x", "a" => "2", "a" => "1").increment(10);
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("x", [("a", "2")]), Some(2.0));
    assert_eq!(snapshot.value("x", [("a", "1")]), Some(20.0));
}

#[test]
fn one_name_with_different_labels_is_one_family() {
    let registry = recorded(|| {
        counter!("x", "a" => "1").increment(1);
        counter!("y").increment(1);
        counter!("x").increment(2);
        counter!("x", "a" => "1", "b" => "2").increment(4);
        counter!("x", "a" => "3").increment(8);
        counter!("x", "a" => "").increment(16);
    });
    let snapshot = registry.snapshot();
    let names: Vec<&str> = snapshot.families().map(ia_metrics_core::FamilySnapshot::name).collect();
    assert_eq!(names, ["x", "y"]);
    assert_eq!(snapshot.value("x", []), Some(18.0));
    assert_eq!(snapshot.value("x", [("a", "1")]), Some(1.0));
    assert_eq!(snapshot.value("x", [("b", "2"), ("a", "1")]), Some(4.0));
    let family = snapshot.family("x").unwrap();
    let own: Vec<usize> = family.series().map(|series| series.labels().count()).collect();
    assert_eq!((family.series().len(), own), (4, vec![1, 1, 0, 2]));
    assert_eq!((registry.stats().metrics, registry.stats().series), (2, 5));
}

#[test]
fn a_family_with_different_labels_has_one_limit_and_one_overflow_series() {
    let registry = Registry::builder().series_limit(2).build();
    let recorder = Recorder::new(registry.clone());
    metrics::with_local_recorder(&recorder, || {
        for _ in 0..2 {
            counter!("x", "a" => "1").increment(1);
            counter!("x").increment(1);
            counter!("x", "a" => "2").increment(1);
            for label in ["b", "c", "d"] {
                counter!("x", label => "1").increment(1);
            }
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("x", [("otel_metric_overflow", "true")]), Some(8.0));
    assert_eq!(snapshot.sum("x", []).to_bits(), 12_f64.to_bits());
    assert_eq!(snapshot.family("x").unwrap().series().len(), 3);
    assert!(snapshot.family("x").unwrap().series().last().unwrap().is_overflow());
    assert_eq!(snapshot.value("telemetry_series_overflow_total", [("metric", "x")]), Some(8.0));
    assert_eq!((registry.stats().series, recorder.stats().keys), (3, 2));
}

#[test]
fn keys_without_end_fill_no_memory() {
    let registry = Registry::builder().series_limit(10).build();
    let recorder = Recorder::new(registry.clone());
    metrics::with_local_recorder(&recorder, || {
        for n in 0..1_000 {
            counter!("x", "user" => n.to_string()).increment(1);
            counter!("long", "text" => format!("{}{n}", "a".repeat(5_000))).increment(1);
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("x", [("otel_metric_overflow", "true")]), Some(990.0));
    assert_eq!(snapshot.family("long").unwrap().series().len(), 1);
    assert_eq!(recorder.stats().keys, 10);
}

#[test]
fn a_metric_of_the_registry_itself_is_shared_whatever_the_order_of_its_labels() {
    const REQUESTS: CounterDesc<2> = CounterDesc::new("requests", "Requests.", ["route", "method"]);
    let registry = Registry::new();
    registry.counter(&REQUESTS).with(["/", "GET"]).inc();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        counter!("requests", "method" => "GET", "route" => "/").increment(1);
        counter!("requests", "method" => "GET").increment(1);
    });
    assert_eq!(registry.counter(&REQUESTS).with(["/", "GET"]).value(), 2);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.family("requests").unwrap().series().len(), 2);
    assert_eq!(snapshot.family("requests").unwrap().descriptor().help(), "Requests.");
    assert!(registry.stats().conflicts.is_empty());
}

#[test]
fn a_constant_description_still_has_one_set_of_labels() {
    const X: CounterDesc<1> = CounterDesc::new("x", "X.", ["b"]);
    const KNOWN: CounterDesc<1> = CounterDesc::new("x", "X.", ["a"]);
    let registry = recorded(|| {
        counter!("x", "c" => "1").increment(1);
        counter!("x", "a" => "1").increment(1);
    });
    assert!(registry.try_counter(&X).is_err());
    assert_eq!(registry.try_counter(&KNOWN).unwrap().with(["1"]).value(), 1);
}

#[test]
fn more_keys_than_a_thread_remembers_are_all_found_again() {
    let registry = Registry::builder().series_limit(5_000).build();
    let recorder = Recorder::new(registry.clone());
    let keys: Vec<Key> = (0..3_000)
        .map(|n: u32| Key::from_parts("x", vec![Label::new("n", n.to_string())]))
        .collect();
    for _ in 0..20 {
        for key in &keys {
            recorder.register_counter(key, &METADATA).increment(1);
        }
    }
    let snapshot = registry.snapshot();
    assert!(
        snapshot
            .family("x")
            .unwrap()
            .series()
            .all(|series| { series.point().as_f64().to_bits() == 20_f64.to_bits() })
    );
    assert_eq!(snapshot.family("x").unwrap().series().len(), 3_000);
}

#[test]
fn recorders_on_one_thread_know_nothing_of_each_other() {
    let record = || {
        counter!("x", "a" => "1").increment(1);
        gauge!("y").increment(1.0);
    };
    let (one, other) = (recorded(record), recorded(record));
    for registry in [one, other] {
        assert_eq!(registry.snapshot().value("x", [("a", "1")]), Some(1.0));
        assert_eq!(registry.snapshot().value("y", []), Some(1.0));
    }
}

#[test]
fn keys_of_one_hash_are_told_apart() {
    // The key's hash adds the labels up: exchanging values between labels of one name changes nothing.
    let one = Key::from_parts("x", labels(&[("a", "1"), ("a", "2"), ("b", "1")]));
    let other = Key::from_parts("x", labels(&[("a", "2"), ("a", "1"), ("b", "1")]));
    assert_eq!(one.get_hash(), other.get_hash());
    let registry = Registry::new();
    let recorder = Recorder::new(registry.clone());
    for _ in 0..3 {
        recorder.register_counter(&one, &METADATA).increment(1);
        recorder.register_counter(&other, &METADATA).increment(10);
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("x", [("a", "2"), ("b", "1")]), Some(3.0));
    assert_eq!(snapshot.value("x", [("a", "1"), ("b", "1")]), Some(30.0));
}

#[test]
fn a_series_with_an_idle_timeout_goes_though_the_bridge_recorded_it() {
    const USERS: CounterDesc<1> =
        CounterDesc::new("users", "Users.", ["id"]).idle_timeout(Duration::from_mins(1));
    let clock = ManualClock::new();
    let registry = Registry::builder().clock(clock.clone()).build();
    drop(registry.counter(&USERS));
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        let series = || registry.snapshot().family("users").unwrap().series().len();
        (0..3).for_each(|_| counter!("users", "id" => "1").increment(1));
        assert_eq!(series(), 1);
        clock.advance(Duration::from_secs(61));
        assert_eq!(series(), 0);
        counter!("users", "id" => "1").increment(1);
        assert_eq!(registry.snapshot().value("users", [("id", "1")]), Some(1.0));
    });
}

#[test]
fn a_family_with_different_labels_is_read_again_as_it_is_then() {
    let registry = Registry::builder().series_limit(4).build();
    let recorder = Recorder::new(registry.clone());
    metrics::with_local_recorder(&recorder, || {
        let values = || -> Vec<(usize, u64)> {
            let snapshot = registry.snapshot();
            let series = snapshot.family("x").unwrap().series();
            series.map(|s| (s.labels().count(), s.point().as_f64() as u64)).collect()
        };
        counter!("x", "a" => "1").increment(1);
        counter!("x", "a" => "1", "b" => "1").increment(2);
        assert_eq!(values(), [(1, 1), (2, 2)]);
        counter!("x", "a" => "2").increment(4);
        assert_eq!(values(), [(1, 1), (1, 4), (2, 2)]);
        counter!("x", "a" => "2", "b" => "1").increment(8);
        counter!("x", "c" => "1").increment(16);
        assert_eq!(values(), [(1, 1), (1, 4), (2, 2), (2, 8), (1, 16)]);
        assert_eq!(values(), [(1, 1), (1, 4), (2, 2), (2, 8), (1, 16)]);
    });
}

#[test]
fn a_family_with_different_labels_is_visited_as_one_and_its_overflow_comes_last() {
    let registry = Registry::builder().series_limit(2).build();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        for label in ["a", "b", "c"] {
            counter!("x", label => "1").increment(1);
        }
        metrics::describe_counter!("x", "X.");
    });
    let mut seen = Vec::new();
    registry.visit(|piece| {
        let series = piece.series().flat_map(|series| series.labels().map(|(name, _)| name));
        seen.extend(
            series.map(|label| format!("{} {label} {}", piece.name(), piece.descriptor().help())),
        );
    });
    assert_eq!(seen[1..], ["x a X.", "x b X.", "x otel_metric_overflow X."]);
}

#[test]
fn the_overflow_series_of_different_labels_obeys_the_switch() {
    let registry = Registry::builder().series_limit(1).build();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        counter!("x").increment(1);
        let handles = [counter!("x", "a" => "1"), counter!("x", "b" => "1")];
        let record = |times| (0..times).for_each(|_| handles.iter().for_each(|x| x.increment(1)));
        record(100);
        registry.set_enabled(false);
        record(100);
        registry.set_enabled(true);
        record(100);
    });
    let overflow = [("otel_metric_overflow", "true")];
    assert_eq!(registry.snapshot().value("x", overflow), Some(400.0));
}

//! Names that Prometheus would not take, and names that become one.

use ia_metrics_core::{CounterDesc, GaugeDesc, Kind, Recorder, Registry};
use metrics::{counter, gauge, histogram};

use super::recorded;

#[test]
fn dots_and_dashes_become_underscores_in_names_and_labels() {
    let registry = recorded(|| counter!("http.requests-seen", "http.route" => "/").increment(1));
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("http_requests_seen", [("http_route", "/")]), Some(1.0));
    assert!(registry.stats().conflicts.is_empty());
}

#[test]
fn names_that_become_the_same_are_not_mixed() {
    let registry = Registry::new();
    let recorder = Recorder::new(registry.clone());
    metrics::with_local_recorder(&recorder, || {
        for _ in 0..2 {
            counter!("a.b").increment(1);
            counter!("a_b").increment(10);
            counter!("a-b").increment(100);
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("a_b", []), Some(2.0));
    assert_eq!(snapshot.value("a_b_counter", []), Some(20.0));
    let third =
        snapshot.families().find(|family| family.name().len() == "a_b_counter_01234567".len());
    assert_eq!(
        third.unwrap().series().next().unwrap().point().as_f64().to_bits(),
        200_f64.to_bits()
    );
    assert_eq!((recorder.stats().collisions, recorder.stats().refused), (3, 0));
    let first = registry.stats().conflicts.first().unwrap().to_string();
    assert_eq!(
        first,
        "metric `a_b` would write `a_b`, which `a.b` writes already; choose another name"
    );
}

#[test]
fn one_name_for_two_kinds_gives_the_second_its_kind() {
    let registry = recorded(|| {
        for _ in 0..2 {
            counter!("queue").increment(1);
            gauge!("queue").increment(2.0);
            histogram!("queue").record(3.0);
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.family("queue").unwrap().kind(), Kind::Counter);
    assert_eq!(snapshot.value("queue", []), Some(2.0));
    assert_eq!(snapshot.value("queue_gauge", []), Some(4.0));
    assert_eq!(snapshot.value("queue_histogram", []), Some(2.0));
    let first = registry.stats().conflicts.first().unwrap().to_string();
    assert!(first.contains("`queue` already exists as a counter, not as a gauge"), "{first}");
}

#[test]
fn a_name_that_the_registry_uses_for_something_else_is_avoided() {
    const USED: GaugeDesc<0> = GaugeDesc::new("jobs", "Jobs.", []);
    let registry = Registry::new();
    registry.gauge(&USED).get().set(5);
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        counter!("jobs").increment(1);
        histogram!("size").record(1.0);
        counter!("size.count").increment(1);
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("jobs", []), Some(5.0));
    assert_eq!(snapshot.value("jobs_counter", []), Some(1.0));
    assert_eq!(snapshot.value("size_count_counter", []), Some(1.0));
}

#[test]
fn a_name_that_one_kind_could_not_have_is_free_for_another() {
    const USED: GaugeDesc<0, f64> = GaugeDesc::new("jobs", "Jobs.", []);
    let registry = Registry::new();
    registry.gauge(&USED).get().set(5.0);
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        counter!("jobs").increment(1);
        gauge!("jobs").increment(1.0);
    });
    assert_eq!(registry.snapshot().value("jobs", []), Some(6.0));
}

#[test]
fn a_metric_for_which_no_name_is_left_is_counted_and_harms_nobody() {
    const PLAIN: GaugeDesc<0> = GaugeDesc::new("x_y", "X.", []);
    const KIND: GaugeDesc<0> = GaugeDesc::new("x_y_counter", "X.", []);
    const FINGERPRINT: GaugeDesc<0> = GaugeDesc::new("x_y_counter_c6d04176", "X.", []);
    let registry = Registry::new();
    for taken in [PLAIN, KIND, FINGERPRINT] {
        registry.gauge(&taken).get().set(1);
    }
    let recorder = Recorder::new(registry.clone());
    metrics::with_local_recorder(&recorder, || {
        for n in 0..3 {
            counter!("x.y", "n" => n.to_string()).increment(1);
        }
    });
    assert_eq!((recorder.stats().refused, recorder.stats().keys), (1, 0));
    assert_eq!(registry.stats().metrics, 3);
}

#[test]
fn labels_of_the_exporters_are_moved_aside() {
    let registry = recorded(|| histogram!("h", "le" => "1", "__name__" => "2").record(1.0));
    let labels = [("exported_le", "1"), ("exported___name__", "2")];
    assert_eq!(registry.snapshot().value("h", labels), Some(1.0));
}

#[test]
fn labels_that_become_the_same_are_not_mixed() {
    let registry = Registry::new();
    let recorder = Recorder::new(registry.clone());
    metrics::with_local_recorder(&recorder, || {
        counter!("x", "a.b" => "1").increment(1);
        counter!("x", "a_b" => "1").increment(10);
        counter!("x", "a_b" => "1", "a.b" => "1").increment(100);
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("x", [("a_b", "1")]), Some(1.0));
    assert_eq!(snapshot.family("x").unwrap().series().len(), 3);
    assert_eq!(recorder.stats().collisions, 1);
}

#[test]
fn no_name_is_too_strange() {
    const OWN: CounterDesc<1> = CounterDesc::new("ok", "Ok.", ["a"]);
    let strange = ["", " ", "1", "\0", "🦀", "le", "__", "a\nb", "telemetry_series_overflow_total"];
    let registry = recorded(|| {
        for name in strange {
            for label in strange {
                counter!(name, label => "x").increment(1);
                gauge!(name, label => "x").increment(1.0);
                histogram!(name, label => "x").record(1.0);
            }
        }
    });
    drop(registry.counter(&OWN));
    let total: f64 = registry
        .snapshot()
        .families()
        .map(|family| registry.snapshot().sum(family.name(), []))
        .sum();
    assert_eq!(total.to_bits(), 243_f64.to_bits(), "nothing is lost");
}

#[test]
fn the_count_of_the_registry_itself_is_nobody_elses_once_it_is_there() {
    let registry = Registry::builder().series_limit(1).build();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        (0..3).for_each(|n| counter!("x", "n" => n.to_string()).increment(1));
        drop(registry.snapshot());
        counter!("telemetry_series_overflow_total", "metric" => "x").increment(100);
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("telemetry_series_overflow_total", [("metric", "x")]), Some(2.0));
    let own = "telemetry_series_overflow_total_counter";
    assert_eq!(snapshot.value(own, [("metric", "x")]), Some(100.0));
}

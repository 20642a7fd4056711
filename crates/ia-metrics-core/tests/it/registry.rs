//! Registration.

use ia_metrics_core::{
    Counter, CounterDesc, Descriptor, GaugeDesc, HistogramDesc, MetricError, Registry, Unit,
};

const JOBS: CounterDesc<1> = CounterDesc::new("jobs", "Jobs.", ["kind"]);

#[test]
fn the_same_description_is_the_same_family() {
    let registry = Registry::new();
    registry.counter(&JOBS).with(["a"]).inc();
    let again = Descriptor::counter("jobs", "Other words.").labels(["kind"]).build().unwrap();
    registry.dynamic::<Counter>(&again).unwrap().with(&["a"]).unwrap().inc();
    assert_eq!(registry.snapshot().value("jobs", [("kind", "a")]), Some(2.0));
}

#[test]
fn the_same_name_with_another_kind_is_an_error() {
    const GAUGE: GaugeDesc<1> = GaugeDesc::new("jobs", "Jobs.", ["kind"]);
    let registry = Registry::new();
    drop(registry.counter(&JOBS));
    let error = registry.try_gauge(&GAUGE).unwrap_err();
    assert_eq!(
        error.to_string(),
        "metric `jobs` already exists as a counter, not as a gauge; use one definition, or another name"
    );
}

#[test]
fn the_same_name_with_other_labels_is_an_error() {
    const OTHER: CounterDesc<1> = CounterDesc::new("jobs", "Jobs.", ["type"]);
    let registry = Registry::new();
    drop(registry.counter(&JOBS));
    let error = registry.try_counter(&OTHER).unwrap_err();
    assert!(error.to_string().contains("with the labels [kind], not [type]"), "{error}");
}

#[test]
fn the_same_name_with_another_unit_or_type_or_buckets_is_an_error() {
    const FLOATS: HistogramDesc<0> = HistogramDesc::new("size", "Size.", []);
    const WHOLE: HistogramDesc<0, u64> = HistogramDesc::new("size", "Size.", []);
    let registry = Registry::new();
    drop(registry.histogram(&FLOATS));
    assert!(registry.try_histogram(&WHOLE).is_err());
    assert!(registry.try_histogram(&FLOATS.unit(Unit::Bytes)).is_err());
    assert!(registry.try_histogram(&FLOATS.buckets(&[1.0])).is_err());
    assert!(registry.try_histogram(&FLOATS).is_ok());
}

#[test]
fn a_metric_cannot_write_the_samples_of_another() {
    const SIZE: HistogramDesc<0> = HistogramDesc::new("size", "Size.", []);
    const COUNT: CounterDesc<0> = CounterDesc::new("size_count", "Sizes.", []);
    let registry = Registry::new();
    drop(registry.histogram(&SIZE));
    let error = registry.try_counter(&COUNT).unwrap_err();
    assert!(matches!(&error, MetricError::NameTaken { owner, .. } if owner == "size"), "{error}");

    let registry = Registry::new();
    drop(registry.counter(&COUNT));
    assert!(registry.try_histogram(&SIZE).is_err());
    assert!(registry.try_counter(&COUNT).is_ok(), "a refused metric takes no names");
}

#[test]
fn a_refused_metric_works_is_not_exported_and_is_noted() {
    const GAUGE: GaugeDesc<0> = GaugeDesc::new("jobs", "Jobs.", []);
    let registry = Registry::new();
    registry.counter(&JOBS).with(["a"]).inc();
    let gauge = registry.gauge(&GAUGE).get();
    gauge.set(7);
    assert_eq!(gauge.value(), 7);
    assert_eq!(registry.snapshot().families().len(), 1);
    assert_eq!(registry.stats().conflicts.len(), 1);
}

#[test]
fn two_registries_know_nothing_of_each_other() {
    let (one, other) = (Registry::new(), Registry::new());
    one.counter(&JOBS).with(["a"]).inc();
    assert_eq!(other.snapshot().value("jobs", [("kind", "a")]), None);
}

#[test]
fn the_name_of_a_metric_of_the_registry_itself_is_refused() {
    const OWN: CounterDesc<1> =
        CounterDesc::new("telemetry_series_overflow_total", "Mine.", ["metric"]);
    let error = Registry::new().try_counter(&OWN).unwrap_err();
    assert!(error.to_string().contains("by the registry itself"), "{error}");
}

//! Metrics known only at run time.

use std::time::Duration;

use ia_metrics_core::{Counter, Descriptor, Gauge, Histogram, MetricError, Registry};

fn uploads() -> Descriptor {
    Descriptor::counter("uploads_total", "Uploads.").labels(["bucket", "kind"]).build().unwrap()
}

#[test]
fn values_can_be_named_in_any_order() {
    let registry = Registry::new();
    let family = registry.dynamic::<Counter>(&uploads()).unwrap();
    family.with(&["archive", "pdf"]).unwrap().inc();
    family.with_pairs(&[("kind", "pdf"), ("bucket", "archive")]).unwrap().inc();
    assert_eq!(family.with(&["archive", "pdf"]).unwrap().value(), 2);
}

#[test]
fn a_wrong_number_of_values_is_an_error() {
    let family = Registry::new().dynamic::<Counter>(&uploads()).unwrap();
    let count =
        |found| MetricError::LabelCount { metric: "uploads_total".into(), expected: 2, found };
    assert_eq!(family.with(&["archive"]).unwrap_err(), count(1));
    assert_eq!(family.with_pairs(&[("kind", "pdf")]).unwrap_err(), count(1));
}

#[test]
fn an_unknown_or_repeated_label_is_an_error_that_names_the_known_ones() {
    let family = Registry::new().dynamic::<Counter>(&uploads()).unwrap();
    let error = family.with_pairs(&[("kind", "a"), ("bukcet", "b")]).unwrap_err();
    assert!(error.to_string().contains("[bucket, kind]"), "{error}");
    assert!(family.with_pairs(&[("kind", "a"), ("kind", "b")]).is_err());
}

#[test]
fn a_descriptor_of_another_kind_is_an_error() {
    let error = Registry::new().dynamic::<Gauge<f64>>(&uploads()).unwrap_err();
    assert!(error.to_string().contains("ask for a counter family"), "{error}");
}

#[test]
fn a_descriptor_over_another_type_of_values_is_an_error() {
    let descriptor = Descriptor::histogram("h_seconds", "H.").build().unwrap();
    let error = Registry::new().dynamic::<Histogram<Duration>>(&descriptor).unwrap_err();
    assert!(error.to_string().contains("described over f64, not Duration"), "{error}");
    let descriptor = Descriptor::gauge("g", "G.").build().unwrap();
    assert!(Registry::new().dynamic::<Gauge<i64>>(&descriptor).is_err());
}

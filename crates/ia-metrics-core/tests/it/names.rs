//! Names that are refused at run time. Those refused at compile time are doc tests of the descriptors.

use ia_metrics_core::{Descriptor, MetricError, NameFault};

#[test]
fn bad_metric_names_are_refused_with_a_remedy() {
    for (name, fault) in [
        ("", NameFault::Empty),
        ("2fast", NameFault::Character),
        ("a-b", NameFault::Character),
        ("naïve", NameFault::Character),
        ("a\nb", NameFault::Character),
    ] {
        let error = Descriptor::counter(name, "").build().unwrap_err();
        assert_eq!(error, MetricError::InvalidName { name: name.to_owned(), fault });
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn bad_label_names_are_refused_with_a_remedy() {
    for (label, fault) in [
        ("", NameFault::Empty),
        ("a:b", NameFault::Character),
        ("le", NameFault::Reserved),
        ("quantile", NameFault::Reserved),
        ("otel_metric_overflow", NameFault::Reserved),
        ("__name__", NameFault::Reserved),
    ] {
        let error = Descriptor::counter("x_total", "").labels([label]).build().unwrap_err();
        assert_eq!(
            error,
            MetricError::InvalidLabel { metric: "x_total".into(), label: label.into(), fault }
        );
    }
    let error = Descriptor::counter("x_total", "").labels(["a", "a"]).build().unwrap_err();
    assert!(error.to_string().contains("remove one"), "{error}");
}

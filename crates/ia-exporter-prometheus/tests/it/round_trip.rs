//! What is rendered reads back as what was recorded, whatever it holds.

use ia_exporter_prometheus::{PrometheusExporter, Registry, Snapshot};
use ia_metrics_core::{
    Buckets, Counter, DataPoint, Descriptor, Gauge, Histogram, Kind, Number, Scale, Summary,
};
use proptest::prelude::*;

use crate::parser::{self, Family, Sample};

/// A metric and what is recorded in it.
#[derive(Clone, Debug)]
struct Plan {
    kind: Kind,
    help: String,
    labels: usize,
    bounds: Vec<f64>,
    scale: Scale,
    /// Label values, and a value.
    records: Vec<([String; 3], f64)>,
}

/// Texts that are full of what has to be escaped, and any others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![r#"[\\"n\n\r{}=, a]{0,8}"#, any::<String>()]
}

fn plan() -> impl Strategy<Value = Plan> {
    let kind =
        prop::sample::select(vec![Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Summary]);
    let scale = prop::sample::select(vec![Scale::ONE, Scale::MILLI, Scale::NANO]);
    let bounds = prop::collection::vec(any::<f64>().prop_filter("finite", |f| f.is_finite()), 0..6);
    let values = prop_oneof![-10.0..10.0, 0.0..1e30, any::<f64>()];
    let records = prop::collection::vec(([text(), text(), text()], values), 0..12);
    (kind, text(), 0_usize..4, bounds, scale, records).prop_map(
        |(kind, help, labels, bounds, scale, records)| Plan {
            kind,
            help,
            labels,
            bounds,
            scale,
            records,
        },
    )
}

fn registry(plans: &[Plan]) -> Registry {
    let registry = Registry::builder().series_limit(8).build();
    for (at, plan) in plans.iter().enumerate() {
        let name = format!("metric_{at}");
        let builder = match plan.kind {
            Kind::Counter => Descriptor::counter(name, &plan.help),
            Kind::Gauge => Descriptor::gauge(name, &plan.help),
            Kind::Histogram => Descriptor::histogram(name, &plan.help),
            _ => Descriptor::summary(name, &plan.help),
        };
        let buckets = Buckets::new(plan.bounds.iter().copied()).unwrap();
        let labels = ["one", "two", "three"].into_iter().take(plan.labels);
        let descriptor = builder.labels(labels).buckets(buckets).scale(plan.scale).build().unwrap();
        for (values, value) in &plan.records {
            record(&registry, &descriptor, &values[..plan.labels], *value);
        }
    }
    registry
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "any amount will do, and casts of floats saturate"
)]
fn record(registry: &Registry, descriptor: &Descriptor, labels: &[String], value: f64) {
    match descriptor.kind() {
        Kind::Counter => {
            registry
                .dynamic::<Counter>(descriptor)
                .unwrap()
                .with(labels)
                .unwrap()
                .add(value as u64);
        }
        Kind::Gauge => {
            registry.dynamic::<Gauge<f64>>(descriptor).unwrap().with(labels).unwrap().set(value);
        }
        Kind::Histogram => {
            let family = registry.dynamic::<Histogram<f64>>(descriptor).unwrap();
            family.with(labels).unwrap().observe(value);
        }
        _ => {
            let family = registry.dynamic::<Summary<f64>>(descriptor).unwrap();
            family.with(labels).unwrap().observe(value);
        }
    }
}

/// The samples of one series: name's suffix, the label that only this sample has, and the value as text.
fn expected(point: DataPoint<'_>) -> Vec<(&'static str, Option<f64>, String)> {
    match point {
        DataPoint::Counter(value) | DataPoint::Gauge(value) => vec![("", None, value.to_string())],
        DataPoint::Histogram(point) => {
            let buckets = point
                .buckets()
                .map(|bucket| ("_bucket", Some(bucket.upper_bound), bucket.cumulative.to_string()));
            let sum = ("_sum", None, point.sum().to_string());
            buckets.chain([sum, ("_count", None, point.count().to_string())]).collect()
        }
        DataPoint::Summary(point) => {
            let quantiles = point.quantiles().iter().map(|(quantile, value)| {
                ("", Some(*quantile), Number::Float(value.unwrap_or(f64::NAN)).to_string())
            });
            let sum = ("_sum", None, point.sum().to_string());
            quantiles.chain([sum, ("_count", None, point.count().to_string())]).collect()
        }
        other => panic!("an unknown point: {other:?}"),
    }
}

fn compare(families: &[Family], snapshot: &Snapshot) {
    let wanted: Vec<_> = snapshot.families().filter(|family| family.series().len() > 0).collect();
    assert_eq!(families.len(), wanted.len());
    for (family, wanted) in families.iter().zip(wanted) {
        assert_eq!(family.name, format!("prefix_{}", wanted.name()));
        assert_eq!(family.kind, wanted.kind().to_string());
        assert_eq!(family.help.as_deref().unwrap_or_default(), wanted.descriptor().help());
        let mut samples = family.samples.iter();
        for series in wanted.series() {
            for (suffix, own, value) in expected(series.point()) {
                let sample: &Sample = samples.next().unwrap();
                assert_eq!(sample.name, format!("{}{suffix}", family.name));
                assert_eq!(sample.text, value);
                let label = if suffix == "_bucket" { "le" } else { "quantile" };
                let own_value = sample.label(label).map(|text| text.parse::<f64>().unwrap());
                assert_eq!(own_value, own);
                let labels = sample.labels_without(label);
                let labels = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                assert!(labels.eq(series.labels()), "{sample:?}");
            }
        }
        assert!(samples.next().is_none());
    }
}

proptest! {
    #[test]
    fn what_is_rendered_reads_back(plans in prop::collection::vec(plan(), 0..5)) {
        let snapshot = registry(&plans).snapshot();
        let exporter = PrometheusExporter::builder().prefix("prefix").build().unwrap();
        let text = exporter.render(&snapshot);
        let families = parser::parse(&text).map_err(TestCaseError::fail)?;
        compare(&families, &snapshot);
    }
}

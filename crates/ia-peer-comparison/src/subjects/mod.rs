//! The libraries that are compared, one file each: what exactly is timed.

mod foundations;
mod hdr;
mod measured;
mod metrics_rs;
mod opentelemetry;
mod ours;
mod prometheus;
mod prometheus_client;
mod tables;

use std::sync::Arc;

use crate::data::{Labels, Sequence};
use crate::store::{Store, StoreSpec};
use crate::work::Work;

/// What a library is asked to do. A question that it has no answer to is left out.
pub(crate) trait Subject {
    /// Counts one through a handle that is resolved before.
    fn counter(&self) -> Vec<Work> {
        Vec::new()
    }

    /// Observes prepared values through a handle, into the 11 default buckets of Prometheus.
    fn histogram(&self) -> Vec<Work> {
        Vec::new()
    }

    /// Observes prepared values through a handle, into exponential buckets.
    fn native_histogram(&self) -> Vec<Work> {
        Vec::new()
    }

    /// Finds a counter by two strings known only at run time and counts one. All series exist before.
    fn labels(&self, _: &Arc<Sequence>) -> Vec<Work> {
        Vec::new()
    }

    /// Finds a counter by two enums and counts one. All series exist before.
    fn closed_labels(&self) -> Vec<Work> {
        Vec::new()
    }

    /// Counts one where recording is switched off.
    fn disabled(&self) -> Vec<Work> {
        Vec::new()
    }

    /// Registries with one labelled counter.
    fn stores(&self) -> Vec<StoreSpec> {
        Vec::new()
    }

    /// A registry with all `series`, and a counter and a histogram of it to record meanwhile.
    fn tail(&self, _: &[Labels]) -> Option<Tail> {
        None
    }
}

/// A registry to scrape while its metrics are recorded.
pub(crate) struct Tail {
    pub(crate) store: Box<dyn Store>,
    pub(crate) counter: Work,
    pub(crate) histogram: Option<Work>,
}

/// All of them, ours first.
pub(crate) const ALL: &[&dyn Subject] = &[
    &ours::Ours,
    &metrics_rs::Metrics,
    &prometheus_client::PrometheusClient,
    &prometheus::Prometheus,
    &measured::Measured,
    &opentelemetry::OpenTelemetry,
    &foundations::Foundations,
    &hdr::HdrHistogram,
    &tables::Tables,
];

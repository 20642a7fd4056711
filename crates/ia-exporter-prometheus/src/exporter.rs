//! The exporter.

use std::sync::Arc;

use crate::{PrometheusExporterBuilder, Snapshot, encode};

/// Writes metrics the way Prometheus reads them. Cheap to clone.
///
/// ```
/// use ia_exporter_prometheus::{GaugeDesc, PrometheusExporter, Registry};
///
/// const ACTIVE: GaugeDesc<0> = GaugeDesc::new("active", "", []);
///
/// let registry = Registry::new();
/// registry.gauge(&ACTIVE).get().set(2);
/// let text = PrometheusExporter::new().render(&registry.snapshot());
/// assert_eq!(text, "# TYPE active gauge\nactive 2\n");
/// ```
#[derive(Clone, Debug, Default)]
pub struct PrometheusExporter {
    /// Empty, or ends in an underscore.
    prefix: Arc<str>,
}

impl PrometheusExporter {
    /// The `Content-Type` of what is rendered. Prometheus 3 reads nothing without it.
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// An exporter that leaves the names of metrics as they are.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts an exporter that differs from the defaults.
    pub fn builder() -> PrometheusExporterBuilder {
        PrometheusExporterBuilder::default()
    }

    pub(crate) fn with_prefix(prefix: &str) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The snapshot as text: every line ends in a newline, and there is none where there are no series.
    #[must_use]
    pub fn render(&self, snapshot: &Snapshot) -> String {
        let mut text = String::new();
        self.render_into(snapshot, &mut text);
        text
    }

    /// Appends the snapshot as text. Clear the buffer and use it again: nothing is allocated once it is large enough,
    /// but for the labels of one series.
    pub fn render_into(&self, snapshot: &Snapshot, text: &mut String) {
        encode::snapshot(text, &self.prefix, snapshot);
    }
}

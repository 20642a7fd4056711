//! The exporter.

use std::io::{self, Write};
use std::sync::Arc;

use crate::encode::{Block, Current, Encoder};
use crate::{Page, PrometheusExporterBuilder, Registry, Snapshot};

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

    /// Appends the snapshot as text.
    pub fn render_into(&self, snapshot: &Snapshot, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        // Writing to memory cannot fail, and what is written is text.
        self.write_snapshot(snapshot, &mut bytes).unwrap_or_default();
        *text = String::from_utf8(bytes).unwrap_or_default();
    }

    /// Writes the snapshot as text, in pieces of up to 64 KiB: to a file, a socket, a `Vec<u8>`.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_snapshot(&self, snapshot: &Snapshot, out: impl Write) -> io::Result<()> {
        let mut encoder = Encoder::new(&self.prefix, Block::new(out), Current::default());
        snapshot.families().for_each(|family| encoder.family(family));
        encoder.finish().0.finish()
    }

    /// Writes the registry as text, as it is now: what [`write_snapshot`](Self::write_snapshot) writes, without the memory
    /// that a snapshot takes.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&self, registry: &Registry, out: impl Write) -> io::Result<()> {
        let mut encoder = Encoder::new(&self.prefix, Block::new(out), Current::default());
        registry.visit(|family| encoder.family(family));
        encoder.finish().0.finish()
    }

    /// Writes the registry as text, as it is now, in place of what was on the page. This is the way to serve a great many
    /// series: a page that is used again is only written, and nothing is allocated once it is large enough.
    ///
    /// ```
    /// use ia_exporter_prometheus::{GaugeDesc, Page, PrometheusExporter, Registry};
    ///
    /// const ACTIVE: GaugeDesc<0> = GaugeDesc::new("active", "", []);
    ///
    /// let registry = Registry::new();
    /// registry.gauge(&ACTIVE).get().set(2);
    /// let mut page = Page::new();
    /// PrometheusExporter::new().write_page(&registry, &mut page);
    /// assert_eq!(&*page, b"# TYPE active gauge\nactive 2\n");
    /// ```
    pub fn write_page(&self, registry: &Registry, page: &mut Page) {
        page.clear();
        let current = std::mem::take(&mut page.current);
        let mut encoder = Encoder::new(&self.prefix, page, current);
        registry.visit(|family| encoder.family(family));
        let (page, current) = encoder.finish();
        page.current = current;
    }
}

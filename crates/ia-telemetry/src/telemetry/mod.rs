//! The telemetry of a process: what records, what exports, and how it ends.

mod builder;
mod endpoints;
mod error;
mod exemplars;
mod global;
mod guard;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ia_export::{Ledger, Report, Signal};
use ia_metrics_core::{Registry, Snapshot};
use ia_tracing::{Spans, Tracer};

pub use self::builder::TelemetryBuilder;
use self::endpoints::Endpoints;
pub use self::error::TelemetryError;
pub use self::global::telemetry;
pub use self::guard::TelemetryGuard;

/// Metrics and spans of a process, or of one part of it. Cheap to clone; all clones are one.
///
/// [`telemetry()`] is the one of the process. [`Telemetry::builder`] makes others, or replaces it.
///
/// ```
/// use ia_telemetry::prelude::*;
///
/// let telemetry = Telemetry::builder().build()?;
/// const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
/// telemetry.registry().counter(&PAGES).with(["pdf"]).inc();
/// assert_eq!(telemetry.metrics().value("pages_parsed_total", [("format", "pdf")]), Some(1.0));
/// # Ok::<(), ia_telemetry::TelemetryError>(())
/// ```
///
/// # Exemplars
///
/// Counters and histograms whose description says `.exemplars()` point to the current span, if it is sampled: the way from
/// a number to a trace. A registry that has a source of exemplars already keeps it.
///
/// ```
/// use ia_telemetry::prelude::*;
///
/// const SIZE: HistogramDesc<0> = HistogramDesc::new("page_bytes", "Size of a page.", []).exemplars();
/// let telemetry = Telemetry::builder().build()?;
/// let size = telemetry.registry().histogram(&SIZE).get();
/// let trace = telemetry.tracer().in_span("load", |span| {
///     size.observe(4_096.0);
///     span.trace_id()
/// });
///
/// let metrics = telemetry.metrics();
/// let exemplar = metrics.histogram("page_bytes", []).and_then(|point| point.exemplars().next());
/// assert_eq!(exemplar.map(|exemplar| exemplar.span().trace_id().to_bytes()), Some(trace.to_bytes()));
/// # Ok::<(), ia_telemetry::TelemetryError>(())
/// ```
#[derive(Clone)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    tracer: Tracer,
    endpoints: Mutex<Endpoints>,
}

impl Telemetry {
    /// Telemetry that differs from the defaults.
    pub fn builder() -> TelemetryBuilder {
        TelemetryBuilder::default()
    }

    /// Telemetry without exporters.
    pub(crate) fn of(registry: Registry, tracer: Tracer) -> Self {
        Self::new(registry, tracer, Endpoints::default())
    }

    fn new(registry: Registry, tracer: Tracer, endpoints: Endpoints) -> Self {
        exemplars::point_to_current_span(&registry);
        Self { inner: Arc::new(Inner { registry, tracer, endpoints: Mutex::new(endpoints) }) }
    }

    /// Where metrics are recorded.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// Where spans are recorded.
    #[must_use]
    pub fn tracer(&self) -> &Tracer {
        &self.inner.tracer
    }

    /// All metrics as they are now.
    #[must_use]
    pub fn metrics(&self) -> Snapshot {
        self.inner.registry.snapshot()
    }

    /// The finished spans that are kept in memory, the oldest first.
    #[must_use]
    pub fn spans(&self) -> Spans {
        self.inner.tracer.spans()
    }

    /// Switches recording of metrics and spans off or on, for pipelines that run already too. A run that began while it
    /// was on still ends its spans and comes off `active_pipelines`.
    pub fn set_enabled(&self, enabled: bool) {
        self.inner.registry.set_enabled(enabled);
        self.inner.tracer.set_enabled(enabled);
    }

    /// Whether metrics and spans are recorded. Defaults to yes.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.inner.registry.is_enabled() && self.inner.tracer.is_enabled()
    }

    /// The addresses at which it can be scraped, in the order in which they were added.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.endpoints(|endpoints| endpoints.addresses())
    }

    /// Closes every endpoint and says what became of everything that was recorded. Returns by the deadline, whatever a
    /// client or a backend does; what was not done by then is in the report as pending. A scrape that is cut off is not in
    /// the report: who scrapes asks again.
    ///
    /// Recording goes on, for whoever still reads [`metrics`](Self::metrics) and [`spans`](Self::spans).
    #[must_use = "the report says what was lost"]
    pub fn shutdown(&self, deadline: Duration) -> Report {
        self.endpoints(std::mem::take).close(deadline);
        self.report()
    }

    /// What has become of everything that was recorded so far. For spans in memory: delivered are those that are there
    /// or were cleared, dropped those that newer ones pushed out.
    #[must_use]
    pub fn report(&self) -> Report {
        let (mut report, stats) = (Report::default(), self.inner.tracer.stats());
        let dropped =
            if stats.evicted > 0 { [("evicted", stats.evicted)].into() } else { BTreeMap::new() };
        let delivered = stats.in_memory + stats.cleared;
        let memory = Ledger { recorded: stats.recorded, delivered, dropped, ..Ledger::default() };
        // Without a memory, nobody was given the spans.
        if memory.is_balanced() {
            report.push("memory", Signal::Spans, memory);
        }
        report
    }

    fn endpoints<T>(&self, with: impl FnOnce(&mut Endpoints) -> T) -> T {
        with(&mut self.inner.endpoints.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("registry", &self.inner.registry)
            .field("tracer", &self.inner.tracer)
            .field("addresses", &self.addresses())
            .finish()
    }
}

#[cfg(feature = "pipeline")]
impl From<&Telemetry> for ia_pipeline::Instruments {
    fn from(telemetry: &Telemetry) -> Self {
        Self::new(telemetry.registry().clone(), telemetry.tracer().clone())
    }
}

#[cfg(feature = "pipeline")]
impl From<Telemetry> for ia_pipeline::Instruments {
    fn from(telemetry: Telemetry) -> Self {
        Self::from(&telemetry)
    }
}

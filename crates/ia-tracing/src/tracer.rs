//! What starts spans and keeps the finished ones.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use crate::anchor::Anchor;
use crate::memory::Memory;
use crate::panic_mark::PanicMark;
use crate::sink::Sinks;
use crate::{Clock, Span, SpanBuilder, SpanData, Spans, TraceId, TracerBuilder, TracerStats};

/// Starts spans, keeps the newest finished ones in memory and hands each to its sinks.
///
/// A handle: clones share everything. Defaults to what [`Tracer::builder`] says.
///
/// ```
/// use ia_tracing::Tracer;
///
/// let tracer = Tracer::default();
/// tracer.in_span("outer", |_| tracer.start("inner").end());
/// assert_eq!(tracer.spans().tree(), "outer > inner");
/// ```
#[derive(Clone)]
pub struct Tracer {
    shared: Arc<Shared>,
}

struct Shared {
    enabled: AtomicBool,
    clock: Box<dyn Clock>,
    anchor: Anchor,
    started: AtomicU64,
    memory: Memory,
    sinks: Sinks,
}

impl Tracer {
    /// A tracer to configure.
    pub fn builder() -> TracerBuilder {
        TracerBuilder::new()
    }

    pub(crate) fn new(enabled: bool, clock: Box<dyn Clock>, memory: Memory, sinks: Sinks) -> Self {
        let anchor = Anchor::read(&*clock);
        let enabled = AtomicBool::new(enabled);
        let started = AtomicU64::new(0);
        Self { shared: Arc::new(Shared { enabled, clock, anchor, started, memory, sinks }) }
    }

    /// Starts a span under the current one, or a new trace where none is current.
    pub fn start(&self, name: impl Into<Cow<'static, str>>) -> Span {
        self.span(name).start()
    }

    /// A span to configure before it starts.
    pub fn span(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder<'_> {
        SpanBuilder::new(self, name.into())
    }

    /// Runs `work` in a span of its own, which is current meanwhile and ends with it.
    ///
    /// When `work` panics, the span's status becomes the error `panic` and the panic goes on.
    pub fn in_span<T>(
        &self,
        name: impl Into<Cow<'static, str>>,
        work: impl FnOnce(&Span) -> T,
    ) -> T {
        let span = self.start(name);
        let _entered = span.enter();
        let mark = PanicMark::on(&span);
        let result = work(&span);
        mark.disarm();
        result
    }

    /// The time on this tracer's clock, for [`SpanBuilder::start_time`] and [`Span::end_at`].
    #[must_use]
    pub fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    /// Whether spans are being recorded.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.shared.enabled.load(Ordering::Relaxed)
    }

    /// Switches recording on or off, for every clone of this tracer.
    ///
    /// Spans that start while it is off are not recorded. Those that run already are, when they
    /// end, so that no trace loses its root.
    pub fn set_enabled(&self, enabled: bool) {
        self.shared.enabled.store(enabled, Ordering::Relaxed);
    }

    /// The finished spans in memory, in the order they ended; none without a memory.
    #[must_use]
    pub fn spans(&self) -> Spans {
        self.shared.memory.spans(|_| true)
    }

    /// Those of [`Tracer::spans`] that belong to one trace.
    #[must_use]
    pub fn spans_of(&self, trace_id: TraceId) -> Spans {
        self.shared.memory.spans(|span| span.trace_id() == trace_id)
    }

    /// Forgets the finished spans in memory. [`TracerStats::cleared`] counts them.
    pub fn clear(&self) {
        self.shared.memory.clear();
    }

    /// What became of the spans so far.
    #[must_use]
    pub fn stats(&self) -> TracerStats {
        TracerStats { sink_panics: self.shared.sinks.panics(), ..self.shared.memory.stats() }
    }

    /// Places a span among those that started at the same reading of the clock.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.shared.started.fetch_add(1, Ordering::Relaxed)
    }

    /// The time of day of a reading of this tracer's clock. The wall clock is read once, when the tracer is made, so that
    /// times of one tracer never contradict each other.
    #[must_use]
    pub fn wall(&self, instant: Instant) -> SystemTime {
        self.shared.anchor.wall(instant)
    }

    pub(crate) fn record(&self, span: &SpanData) {
        self.shared.memory.push(span);
        self.shared.sinks.record(span);
    }
}

impl Default for Tracer {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer")
            .field("enabled", &self.is_enabled())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

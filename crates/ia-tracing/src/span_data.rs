//! A finished span.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::span_body::SpanBody;
use crate::{Event, SpanContext, SpanId, Status, TraceId, Value};

/// A finished span, which can no longer change. Clones share it, so they are cheap.
///
/// ```
/// use ia_tracing::Tracer;
///
/// let tracer = Tracer::default();
/// tracer.span("work").attribute("items", 3).start().end();
/// for span in tracer.spans() {
///     println!("{}: {:.3?} - {}", span.name(), span.duration(), span.status());
/// }
/// ```
#[derive(Clone)]
pub struct SpanData {
    record: Arc<Record>,
}

struct Record {
    name: Cow<'static, str>,
    context: SpanContext,
    parent_id: Option<SpanId>,
    start: SystemTime,
    duration: Duration,
    sequence: u64,
    body: SpanBody,
}

impl SpanData {
    pub(crate) fn new(
        name: Cow<'static, str>,
        context: SpanContext,
        parent_id: Option<SpanId>,
        start: SystemTime,
        duration: Duration,
        sequence: u64,
        body: SpanBody,
    ) -> Self {
        let record = Record { name, context, parent_id, start, duration, sequence, body };
        Self { record: Arc::new(record) }
    }

    /// What the work was called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// What identifies this span to its children.
    #[must_use]
    pub fn context(&self) -> SpanContext {
        self.record.context
    }

    /// The trace this span belongs to.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.record.context.trace_id
    }

    /// The id of this span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.record.context.span_id
    }

    /// The span above this one; `None` for a root.
    #[must_use]
    pub fn parent_id(&self) -> Option<SpanId> {
        self.record.parent_id
    }

    /// The attributes, in the order they were first set.
    #[must_use]
    pub fn attributes(&self) -> &[(Cow<'static, str>, Value)] {
        self.record.body.attributes.as_slice()
    }

    /// The value of one attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        self.record.body.attributes.get(key)
    }

    /// How often an attribute was cut because the span held 128 already.
    #[must_use]
    pub fn dropped_attributes(&self) -> u64 {
        self.record.body.attributes.dropped()
    }

    /// What happened during the work, in the order it was noted.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.record.body.events()
    }

    /// How many events were cut because the span held 128 already.
    #[must_use]
    pub fn dropped_events(&self) -> u64 {
        self.record.body.dropped_events()
    }

    /// How the work went.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.record.body.status
    }

    /// When the work began. The wall clock is read once per tracer and moves on with the monotonic
    /// clock, so setting it does not reorder spans.
    #[must_use]
    pub fn start(&self) -> SystemTime {
        self.record.start
    }

    /// How long the work took, on the monotonic clock.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.record.duration
    }

    /// When the work ended: start plus duration.
    #[must_use]
    pub fn end(&self) -> SystemTime {
        self.record.start.checked_add(self.record.duration).unwrap_or(self.record.start)
    }

    /// What spans are sorted by: their start, and at the same instant the order of being started.
    pub(crate) fn start_order(&self) -> (SystemTime, u64) {
        (self.record.start, self.record.sequence)
    }
}

impl fmt::Debug for SpanData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanData")
            .field("name", &self.record.name)
            .field("context", &self.record.context)
            .field("parent_id", &self.record.parent_id)
            .field("start", &self.record.start)
            .field("duration", &self.record.duration)
            .field("body", &self.record.body)
            .finish_non_exhaustive()
    }
}

//! A tracer that always has a memory.

use std::ops::Deref;

use crate::{Spans, TraceId, Tracer};

/// A [`Tracer`] that always has a memory, for a look at what just ran.
///
/// ```
/// use ia_tracing::SimpleTracer;
///
/// let tracer = SimpleTracer::new();
/// let span = tracer.start("work");
/// span.end();
/// assert_eq!(tracer.get_spans(None).len(), 1);
/// assert_eq!(tracer.get_spans(span.trace_id())[0].name(), "work");
/// tracer.clear();
/// assert!(tracer.get_spans(None).is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct SimpleTracer {
    tracer: Tracer,
}

impl SimpleTracer {
    /// A tracer that keeps the newest 10,000 finished spans.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A tracer that keeps the newest `capacity` finished spans.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { tracer: Tracer::builder().memory(capacity).build() }
    }

    /// The finished spans of one trace, or all for `None`, in the order they ended.
    #[must_use]
    pub fn get_spans(&self, trace_id: impl Into<Option<TraceId>>) -> Spans {
        match trace_id.into() {
            Some(trace_id) => self.spans_of(trace_id),
            None => self.spans(),
        }
    }
}

impl Deref for SimpleTracer {
    type Target = Tracer;

    fn deref(&self) -> &Tracer {
        &self.tracer
    }
}

impl From<SimpleTracer> for Tracer {
    fn from(simple: SimpleTracer) -> Self {
        simple.tracer
    }
}

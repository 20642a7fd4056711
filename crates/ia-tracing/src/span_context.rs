//! What identifies a span to its children, here and in other processes.

use crate::current;
use crate::{Entered, SpanId, TraceFlags, TraceId};

/// What identifies a span to its children, here and in other processes.
///
/// Small and `Copy`: keep it, send it, and give it to
/// [`SpanBuilder::parent`](crate::SpanBuilder::parent).
///
/// ```
/// use ia_tracing::{SpanContext, Tracer};
///
/// let tracer = Tracer::default();
/// assert_eq!(SpanContext::current(), None);
///
/// let span = tracer.start("work");
/// let entered = span.enter();
/// assert_eq!(SpanContext::current(), Some(span.context()));
/// drop(entered);
/// assert_eq!(SpanContext::current(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SpanContext {
    /// The trace the span belongs to.
    pub trace_id: TraceId,
    /// The span itself.
    pub span_id: SpanId,
    /// Whether the span is recorded.
    pub flags: TraceFlags,
}

impl SpanContext {
    /// A context from its parts, for example as another process sent them.
    #[must_use]
    pub const fn new(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Self {
        Self { trace_id, span_id, flags }
    }

    /// The context of the span that is current on this thread; `None` outside any span.
    #[must_use]
    pub fn current() -> Option<Self> {
        current::get()
    }

    /// Makes this context current on this thread until the guard is dropped.
    ///
    /// For code that cannot wrap a future or a closure. Guards must be dropped in reverse order of
    /// their creation, and never be held across an `.await`: use
    /// [`Instrument::with_context`](crate::Instrument::with_context) there.
    pub fn enter(self) -> Entered<'static> {
        Entered::new(Some(self))
    }

    pub(crate) fn random(flags: TraceFlags) -> Self {
        Self { trace_id: TraceId::random(), span_id: SpanId::random(), flags }
    }
}

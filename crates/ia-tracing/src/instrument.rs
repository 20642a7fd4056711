//! Futures that run inside a span.

use crate::{Instrumented, Span, SpanContext, WithContext};

/// Makes a future run inside a span, wherever and in however many pieces it is polled.
///
/// The context is swapped in at each poll and out after it, also when the poll panics. The future
/// is dropped inside its context too.
///
/// ```
/// use ia_tracing::{Instrument, Tracer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tracer = Tracer::default();
/// let work = async {
///     tokio::task::yield_now().await;
///     tracer.start("child").end();
/// };
/// work.instrument(tracer.start("parent")).await;
/// assert_eq!(tracer.spans().tree(), "parent > child");
/// # }
/// ```
pub trait Instrument: Future + Sized {
    /// Runs the future as the work of `span`, which ends when the future completes or is dropped.
    ///
    /// The status stays as it was set, with one exception: when a poll panics, it becomes the error
    /// `panic`.
    fn instrument(self, span: Span) -> Instrumented<Self> {
        Instrumented::new(self, span)
    }

    /// Runs the future under `context`, or outside any span for `None`, without owning a span.
    fn with_context(self, context: impl Into<Option<SpanContext>>) -> WithContext<Self> {
        WithContext::new(self, context.into())
    }

    /// Runs the future under what is current here and now: for a future that is polled elsewhere.
    fn in_current_context(self) -> WithContext<Self> {
        self.with_context(SpanContext::current())
    }
}

impl<F: Future> Instrument for F {}

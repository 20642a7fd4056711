//! Futures and closures that run under a given context.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::SpanContext;
use crate::current::Scope;

pin_project! {
    /// A future that runs under a given context. Made by
    /// [`Instrument::with_context`](crate::Instrument::with_context).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct WithContext<F> {
        // `None` only while this is being dropped.
        #[pin]
        future: Option<F>,
        context: Option<SpanContext>,
    }

    impl<F> PinnedDrop for WithContext<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _scope = Scope::enter(*this.context);
            // Spans that the future starts or ends in its drop belong to its context.
            this.future.set(None);
        }
    }
}

impl<F> WithContext<F> {
    pub(crate) const fn new(future: F, context: Option<SpanContext>) -> Self {
        Self { future: Some(future), context }
    }

    /// The context; `None` runs the future outside any span.
    #[must_use]
    pub const fn context(&self) -> Option<SpanContext> {
        self.context
    }
}

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _scope = Scope::enter(*this.context);
        match this.future.as_pin_mut() {
            Some(future) => future.poll(cx),
            None => Poll::Pending,
        }
    }
}

/// Wraps a closure so that it runs under what is current here and now: for another thread.
///
/// ```
/// use ia_tracing::{Tracer, with_current_context};
///
/// let tracer = Tracer::default();
/// tracer.in_span("parent", |_| {
///     let child = tracer.clone();
///     let work = with_current_context(move || child.start("child").end());
///     std::thread::spawn(work).join().unwrap();
/// });
/// assert_eq!(tracer.spans().tree(), "parent > child");
/// ```
pub fn with_current_context<F: FnOnce() -> T, T>(f: F) -> impl FnOnce() -> T {
    let context = SpanContext::current();
    move || {
        let _scope = Scope::enter(context);
        f()
    }
}

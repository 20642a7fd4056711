//! A future that is the work of a span.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::panic_mark::PanicMark;
use crate::{Span, WithContext};

pin_project! {
    /// A future that is the work of a span. Made by
    /// [`Instrument::instrument`](crate::Instrument::instrument).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Instrumented<F> {
        // Declared before the span, so that it is dropped before the span ends.
        #[pin]
        work: WithContext<F>,
        span: Span,
    }
}

impl<F> Instrumented<F> {
    pub(crate) fn new(future: F, span: Span) -> Self {
        Self { work: WithContext::new(future, Some(span.context())), span }
    }

    /// The span.
    pub const fn span(&self) -> &Span {
        &self.span
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mark = PanicMark::on(this.span);
        let poll = this.work.poll(cx);
        mark.disarm();
        let output = ready!(poll);
        this.span.end();
        Poll::Ready(output)
    }
}

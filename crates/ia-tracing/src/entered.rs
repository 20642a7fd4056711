//! The guard that keeps a span current on this thread.

use std::marker::PhantomData;

use crate::SpanContext;
use crate::current;

/// Keeps a span current on this thread; what was current before is restored on drop.
///
/// Made by [`Span::enter`](crate::Span::enter) and [`SpanContext::enter`]. It cannot leave its
/// thread. Guards may be dropped in any order: each takes only its own span away. It must not be held
/// across an `.await`, where the thread goes on with other work: wrap the future with
/// [`Instrument`](crate::Instrument) instead.
///
/// ```compile_fail,E0277
/// let span = ia_tracing::Tracer::global().start("work");
/// let entered = span.context().enter();
/// std::thread::spawn(move || drop(entered)); // another thread's context is not ours to restore
/// ```
///
/// ```compile_fail,E0716
/// // The span would end at once, so this is refused: bind the span to a name first.
/// let entered = ia_tracing::Tracer::global().start("work").enter();
/// ```
#[derive(Debug)]
#[must_use = "the span is current only while the guard lives: bind it to a name"]
pub struct Entered<'a> {
    frame: u64,
    // The span outlives the guard, and a raw pointer keeps the guard on its thread.
    _span: PhantomData<(&'a (), *const ())>,
}

impl Entered<'_> {
    pub(crate) fn new(context: Option<SpanContext>) -> Self {
        Self { frame: current::push(context), _span: PhantomData }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        current::remove(self.frame);
    }
}

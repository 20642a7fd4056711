//! Where finished spans go besides the memory.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::SpanData;

/// Where finished spans go besides the memory. Installed by
/// [`TracerBuilder::sink`](crate::TracerBuilder::sink).
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use ia_tracing::{SpanData, SpanSink, Tracer};
///
/// #[derive(Default)]
/// struct Names(Mutex<Vec<String>>);
///
/// impl SpanSink for Names {
///     fn record(&self, span: &SpanData) {
///         self.0.lock().unwrap().push(span.name().to_owned());
///     }
/// }
///
/// let names = Arc::new(Names::default());
/// let tracer = Tracer::builder().no_memory().sink(Arc::clone(&names)).build();
/// tracer.start("work").end();
/// assert_eq!(*names.0.lock().unwrap(), ["work"]);
/// ```
pub trait SpanSink: Send + Sync {
    /// Takes one finished span.
    ///
    /// Runs on the thread that ended the span, so it should hand the work on and return. A panic is
    /// caught and counted in [`TracerStats::sink_panics`](crate::TracerStats::sink_panics). Spans
    /// started meanwhile on this thread are not recorded: a sink never traces itself.
    fn record(&self, span: &SpanData);
}

impl<S: SpanSink + ?Sized> SpanSink for Arc<S> {
    fn record(&self, span: &SpanData) {
        (**self).record(span);
    }
}

/// All sinks of one tracer.
#[derive(Default)]
pub(crate) struct Sinks {
    sinks: Vec<Box<dyn SpanSink>>,
    panics: AtomicU64,
}

impl Sinks {
    pub(crate) fn add(&mut self, sink: Box<dyn SpanSink>) {
        self.sinks.push(sink);
    }

    pub(crate) fn record(&self, span: &SpanData) {
        for sink in &self.sinks {
            let _inside = Inside::enter();
            // Unwind safe: nothing of ours is borrowed mutably, and a sink keeps itself in order.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| sink.record(span))) {
                self.panics.fetch_add(1, Ordering::Relaxed);
                // What a panic carries may panic itself as it is dropped; what that carries is let go.
                if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                    std::mem::forget(second);
                }
            }
        }
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether a sink is running on this thread.
pub(crate) fn is_inside() -> bool {
    INSIDE.get()
}

struct Inside {
    before: bool,
}

impl Inside {
    fn enter() -> Self {
        Self { before: INSIDE.replace(true) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

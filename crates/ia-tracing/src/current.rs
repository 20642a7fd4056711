//! The context that is current on this thread.

use std::cell::Cell;

use crate::SpanContext;

thread_local! {
    static CURRENT: Cell<Option<SpanContext>> = const { Cell::new(None) };
}

pub(crate) fn get() -> Option<SpanContext> {
    CURRENT.get()
}

/// Makes a context current until it is dropped, then restores what was current before, also while a
/// panic unwinds.
#[derive(Debug)]
pub(crate) struct Scope {
    previous: Option<SpanContext>,
}

impl Scope {
    #[must_use = "the context is current only while the scope lives"]
    pub(crate) fn enter(context: Option<SpanContext>) -> Self {
        Self { previous: CURRENT.replace(context) }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
    }
}

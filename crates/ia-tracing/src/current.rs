//! The context that is current on this thread.

use std::cell::{Cell, RefCell};

use crate::SpanContext;

thread_local! {
    static CURRENT: Cell<Option<SpanContext>> = const { Cell::new(None) };
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// A context that was made current until its frame is removed.
struct Frame {
    number: u64,
    context: Option<SpanContext>,
    previous: Option<SpanContext>,
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

/// Makes a context current until the frame of this number is removed.
pub(crate) fn push(context: Option<SpanContext>) -> u64 {
    let number = NEXT.replace(NEXT.get().wrapping_add(1));
    let previous = CURRENT.replace(context);
    // As a thread ends there may be no frames any more; what is current then is current to its end.
    FRAMES.try_with(|frames| frames.borrow_mut().push(Frame { number, context, previous })).ok();
    number
}

/// Removes a frame, in whatever order: where another lies on it, what was current before goes on to that one.
pub(crate) fn remove(number: u64) {
    FRAMES
        .try_with(|frames| {
            let mut frames = frames.borrow_mut();
            let Some(at) = frames.iter().rposition(|frame| frame.number == number) else { return };
            let frame = frames.remove(at);
            if let Some(above) = frames.get_mut(at) {
                above.previous = frame.previous;
            } else if CURRENT.get() == frame.context {
                CURRENT.set(frame.previous);
            }
        })
        .ok();
}

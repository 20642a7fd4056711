//! One thing to time: an operation of a subject, as a loop that a thread can run.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use crate::data::{Pair, Sequence};
use crate::row::Kind;

/// Does the operation so many times.
pub(crate) type Loop = Box<dyn FnMut(u32)>;

/// An operation of a subject.
pub(crate) struct Work {
    pub(crate) subject: &'static str,
    pub(crate) kind: Kind,
    /// What exactly is done.
    pub(crate) how: &'static str,
    start: Box<dyn Fn() -> Loop + Send + Sync>,
}

impl Work {
    /// `start` is called once on each thread, and what it returns stays there: all threads record the same metric.
    pub(crate) fn new(
        kind: Kind,
        subject: &'static str,
        how: &'static str,
        start: impl Fn() -> Loop + Send + Sync + 'static,
    ) -> Self {
        Self { subject, kind, how, start: Box::new(start) }
    }

    /// The loop of the calling thread.
    pub(crate) fn start(&self) -> Loop {
        (self.start)()
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// A loop over `operation`, which has to hide its handle from the optimiser with `black_box`: otherwise the compiler may
/// merge the turns.
pub(crate) fn repeat(mut operation: impl FnMut() + 'static) -> Loop {
    Box::new(move |times| {
        for _ in 0..times {
            operation();
        }
    })
}

/// A loop over `operation` with a handle that is hidden from the optimiser once: it is in a register within the loop, as
/// it is in a program's own. For operations that the compiler cannot merge, as it does not merge atomic ones.
pub(crate) fn repeat_with<H: 'static>(handle: H, operation: impl Fn(&H) + 'static) -> Loop {
    Box::new(move |times| {
        let handle = black_box(&handle);
        for _ in 0..times {
            operation(handle);
        }
    })
}

/// As [`over`], with a handle that is hidden as in [`repeat_with`].
pub(crate) fn over_with<T: 'static, H: 'static>(
    values: &Arc<[T]>,
    handle: H,
    operation: impl Fn(&H, &T) + 'static,
) -> Loop {
    let values = Arc::clone(values);
    let mut turn = 0;
    Box::new(move |times| {
        let handle = black_box(&handle);
        let (values, mut at) = (&*values, turn);
        for _ in 0..times {
            operation(handle, &values[at & (values.len() - 1)]);
            at += 1;
        }
        turn = at;
    })
}

/// A loop that gives `operation` one prepared value after the other. Their number is a power of two.
pub(crate) fn over<T: 'static>(values: &Arc<[T]>, mut operation: impl FnMut(&T) + 'static) -> Loop {
    let values = Arc::clone(values);
    let mut turn = 0;
    Box::new(move |times| {
        // A local variable stays in a register, whatever `operation` hides.
        let (values, mut at) = (&*values, turn);
        for _ in 0..times {
            operation(black_box(&values[at & (values.len() - 1)]));
            at += 1;
        }
        turn = at;
    })
}

/// A loop that gives `operation` the labels of one turn after the other: from a copy of the strings that is this
/// thread's own, as the strings of a request are.
pub(crate) fn over_labels(
    sequence: &Sequence,
    mut operation: impl FnMut(Pair<'_>) + 'static,
) -> Loop {
    let sequence = sequence.clone();
    let mut turn = 0;
    Box::new(move |times| {
        let (sequence, mut at) = (&sequence, turn);
        for _ in 0..times {
            let (route, method) = sequence.at(at);
            operation(Pair { route: black_box(route), method: black_box(method) });
            at += 1;
        }
        turn = at;
    })
}

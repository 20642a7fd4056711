//! A future, and a closure, whose CPU time and memory are a pipeline's.

use std::borrow::Borrow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use pin_project_lite::pin_project;

use super::Meter;
use super::charge::Charge;
use super::strata::PERIOD;

/// What kind of work it is, to know how long it will take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// An attempt of the step of this index.
    Attempt(usize),
    /// What a step spawned.
    Spawned,
}

pin_project! {
    /// A future whose polls are charged to a pipeline. Gives the output, and when and in what time it was there, where the
    /// clock was read.
    pub(crate) struct Attributed<M, F> {
        #[pin]
        future: F,
        meter: M,
        work: Work,
        // When the first poll begins, where that is known.
        since: Option<Instant>,
        // Nanoseconds that the last poll took.
        last: Option<u64>,
    }
}

/// When a future was done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    pub(crate) at: Instant,
    /// The nanoseconds that it took, where it was polled but once: nobody need calculate them again.
    pub(crate) nanos: Option<u64>,
}

impl<M: Borrow<Meter>, F: Future> Attributed<M, F> {
    /// It begins at `since`, where the clock was read just now.
    pub(crate) fn new(future: F, meter: M, work: Work, since: Option<Instant>) -> Self {
        Self { future, meter, work, since, last: None }
    }
}

impl<M: Borrow<Meter>, F: Future> Future for Attributed<M, F> {
    type Output = (F::Output, Option<Done>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let meter = (*this.meter).borrow();
        let hint = meter.hint(*this.work);
        let expected = this.last.unwrap_or_else(|| hint.get());
        let mut charge = Charge::begin(meter, expected, this.since.take());
        let poll = this.future.poll(cx);
        let ended = charge.as_mut().and_then(Charge::end);
        let is_first = this.last.is_none();
        if let Some(ended) = ended {
            if is_first {
                hint.set(ended.wall);
            }
            *this.last = Some(ended.wall);
        }
        let done = ended.map(|ended| Done { at: ended.at, nanos: is_first.then_some(ended.wall) });
        poll.map(|output| (output, done))
    }
}

/// A closure that is charged to a pipeline, wherever it is called.
pub(crate) fn attributed<R>(meter: Arc<Meter>, work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    move || {
        // It is handed to another thread because it takes long: that is always worth two readings.
        let charge = Charge::begin(&meter, PERIOD, None);
        let result = work();
        drop(charge);
        result
    }
}

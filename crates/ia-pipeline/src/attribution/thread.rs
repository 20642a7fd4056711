//! Whose work this thread does at this moment.

use std::cell::Cell as ThreadCell;
use std::time::Instant;

use super::cell::Cell;
use super::strata::{STRATA, Walls};

thread_local! {
    // Without destructors: the allocator reads it until the thread is gone.
    static CURRENT: ThreadCell<Option<Current>> = const { ThreadCell::new(None) };
    static POLLS: ThreadCell<Polls> = const { ThreadCell::new(Polls::OUTSIDE) };
    static LAST: ThreadCell<Option<Reading>> = const { ThreadCell::new(None) };
    static POLLED: [ThreadCell<u64>; STRATA] = const { [const { ThreadCell::new(0) }; STRATA] };
}

/// The account that is charged on this thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub(super) account: u16,
    pub(super) cell: &'static Cell,
}

/// The polls under way on this thread, one inside another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Polls {
    pub(super) depth: u32,
    /// Whether the CPU clock is read around the innermost.
    pub(super) read: bool,
    /// Nanoseconds that polls inside the innermost took.
    pub(super) inner_wall: u64,
    /// Nanoseconds of CPU time that polls inside the innermost took, where the clock was read.
    pub(super) inner_cpu: u64,
}

/// The last reading of the thread's CPU clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Nanoseconds of CPU time.
    pub(super) cpu: u64,
    pub(super) at: Instant,
}

impl Polls {
    const OUTSIDE: Self = Self { depth: 0, read: false, inner_wall: 0, inner_cpu: 0 };

    #[inline]
    pub(super) fn get() -> Self {
        POLLS.get()
    }

    #[inline]
    pub(super) fn set(self) {
        POLLS.set(self);
    }
}

impl Reading {
    #[inline]
    pub(super) fn last() -> Option<Self> {
        LAST.get()
    }

    #[inline]
    pub(super) fn keep(last: Option<Self>) {
        LAST.set(last);
        POLLED.with(|polled| polled.iter().for_each(|wall| wall.set(0)));
    }

    /// How long polls took that were not measured since the last reading.
    pub(super) fn polled_since() -> Walls {
        POLLED.with(|polled| polled.each_ref().map(ThreadCell::get))
    }

    /// A poll of this stratum took so many nanoseconds.
    #[inline]
    pub(super) fn polled(stratum: usize, wall: u64) {
        POLLED.with(|polled| {
            let polled = &polled[stratum];
            polled.set(polled.get().wrapping_add(wall));
        });
    }
}

/// Charges another account from now on; the one before.
#[inline]
pub(super) fn replace_current(current: Option<Current>) -> Option<Current> {
    CURRENT.replace(current)
}

#[inline]
pub(super) fn current() -> Option<Current> {
    CURRENT.get()
}

/// The thread ends, and its cells go to another one.
pub(super) fn forget_current() {
    CURRENT.set(None);
}

/// Does something whose memory is nobody's.
pub(super) fn untracked<R>(work: impl FnOnce() -> R) -> R {
    let current = CURRENT.take();
    let result = work();
    CURRENT.set(current);
    result
}

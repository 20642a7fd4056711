//! The windows of all series of a summary.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cells::{Run, STEPS};
use super::window::{Reading, Window};
use crate::series::Head;
use crate::slab::{Slab, domain};

/// The windows of a metric's series, by the address of their heads, and when their steps end.
#[derive(Debug)]
pub(crate) struct Windows {
    started: Instant,
    step: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    windows: HashMap<usize, Window>,
    /// What was read last, for its memory.
    reading: Reading,
}

impl Windows {
    pub(crate) fn new(window: Duration, started: Instant) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "there are five")]
        let step = (window / STEPS as u32).max(Duration::from_nanos(1));
        Self { started, step, known: Mutex::default() }
    }

    /// Counts a value, in the cells of the thread where it has some. `current` is the step that the series is in.
    #[inline]
    pub(crate) fn record(
        &self,
        head: &Head,
        current: &AtomicU64,
        now: Instant,
        run: Option<Run<'_>>,
        value: u64,
        sum: impl FnOnce(u64) -> u64,
    ) {
        let step = self.step_of(now);
        if current.load(Ordering::Relaxed) < step {
            self.advance(head, current, step);
        }
        if let Some(run) = run {
            return run.record(step, value, sum);
        }
        let mut known = self.lock();
        let window = known.windows.entry(address(head)).or_default();
        domain().pool().read(|slabs| window.advance(step, runs(slabs, head)));
        window.record(step, value, sum);
    }

    /// Shows what the window holds now, with `add` adding the bits of two sums.
    pub(crate) fn read<R>(
        &self,
        head: &Head,
        current: &AtomicU64,
        now: Instant,
        add: impl Fn(u64, u64) -> u64,
        show: impl FnOnce(&Reading) -> R,
    ) -> R {
        let step = self.step_of(now);
        let mut windows = self.lock();
        let Known { windows, reading } = &mut *windows;
        let window = windows.entry(address(head)).or_default();
        domain().pool().read(|slabs| {
            window.advance(step, runs(slabs, head));
            current.fetch_max(step, Ordering::Relaxed);
            window.read(runs(slabs, head), add, reading);
        });
        show(reading)
    }

    /// How many values threads without a slab have counted.
    pub(crate) fn alone(&self, head: &Head) -> u64 {
        self.lock().windows.get(&address(head)).map_or(0, Window::alone)
    }

    /// Forgets the window of a series that is no more.
    pub(crate) fn forget(&self, head: &Head) {
        self.lock().windows.remove(&address(head));
    }

    /// Ends the steps that are over, unless somebody is doing it: then there is nothing to wait for.
    #[cold]
    fn advance(&self, head: &Head, current: &AtomicU64, step: u64) {
        let Ok(mut known) = self.known.try_lock() else { return };
        let window = known.windows.entry(address(head)).or_default();
        domain().pool().read(|slabs| window.advance(step, runs(slabs, head)));
        current.fetch_max(step, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::cast_possible_truncation, reason = "584 years of nanoseconds")]
    fn step_of(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.started).as_nanos() as u64;
        elapsed / (self.step.as_nanos() as u64).max(1)
    }
}

/// The cells of every thread.
fn runs<'a>(
    slabs: &'a [&'static Slab],
    head: &Head,
) -> impl Iterator<Item = Run<'a>> + Clone + use<'a> {
    let slot = head.slot();
    slabs.iter().filter_map(move |slab| Some(Run::new(slab, slot?)))
}

fn address(head: &Head) -> usize {
    std::ptr::from_ref(head).addr()
}

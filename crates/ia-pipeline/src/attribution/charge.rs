//! Charges what a thread does to a pipeline.

use std::time::Instant;

use super::cell::Cell;
use super::meter::Meter;
use super::strata::is_late;
use super::thread::{self, Current, Polls, Reading};
use super::{CpuAccounting, memory, os, slab};

/// From its making to its end, memory that this thread allocates and the time that it takes are the pipeline's. Charges lie
/// inside one another; each counts what those inside it do not.
#[must_use = "what it charges ends with it"]
pub(super) struct Charge<'a> {
    meter: &'a Meter,
    cell: &'static Cell,
    before: Option<Current>,
    timing: Option<Timing>,
    is_over: bool,
}

/// What is needed to tell how long it took.
struct Timing {
    outer: Polls,
    since: Instant,
    /// What the CPU clock showed, where it was read.
    cpu: Option<u64>,
    /// How many nanoseconds it was expected to take.
    expected: u64,
    /// Whether the clock was to be read whatever chance said.
    certain: bool,
}

/// How a charge ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) at: Instant,
    /// How many nanoseconds it took.
    pub(super) wall: u64,
}

impl<'a> Charge<'a> {
    /// `None` where there is nothing to measure. `expected` is how many nanoseconds it will take; `since` is now, where the
    /// clock was read already.
    #[inline]
    pub(super) fn begin(meter: &'a Meter, expected: u64, since: Option<Instant>) -> Option<Self> {
        let accounting = meter.accounting();
        if !meter.is_on() || (accounting == CpuAccounting::Off && !memory::is_tracked()) {
            return None;
        }
        let account = meter.account()?;
        let cell = slab::local(account)?;
        let before = thread::replace_current(Some(Current { account, cell }));
        let timing = match accounting {
            CpuAccounting::Off => None,
            _ => Some(Timing::begin(meter, cell, accounting, expected, since)),
        };
        Some(Self { meter, cell, before, timing, is_over: false })
    }

    /// Ends it; when, where time is taken.
    #[inline]
    pub(super) fn end(&mut self) -> Option<Ended> {
        thread::replace_current(self.before.take());
        self.is_over = true;
        self.timing.as_ref().map(|timing| timing.end(self.meter, self.cell))
    }
}

impl Drop for Charge<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_over {
            // The work panicked.
            self.end();
        }
    }
}

impl Timing {
    #[inline]
    fn begin(
        meter: &Meter,
        cell: &Cell,
        accounting: CpuAccounting,
        expected: u64,
        since: Option<Instant>,
    ) -> Self {
        let outer = Polls::get();
        // What is measured has to know what belongs to others inside it; and a thread has to begin with a reading.
        let certain =
            outer.read || accounting == CpuAccounting::EveryPoll || Reading::last().is_none();
        let read = certain || cell.cpu.is_due(expected);
        Polls { depth: outer.depth + 1, read, inner_wall: 0, inner_cpu: 0 }.set();
        Self {
            outer,
            since: since.unwrap_or_else(|| meter.now()),
            cpu: if read { os::thread_cpu() } else { None },
            expected,
            certain,
        }
    }

    #[inline]
    fn end(&self, meter: &Meter, cell: &Cell) -> Ended {
        let cpu = if self.cpu.is_some() { os::thread_cpu() } else { None };
        let at = meter.now();
        let (inner, mut outer) = (Polls::get(), self.outer);
        let wall = nanos(at, self.since);
        let own = wall.saturating_sub(inner.inner_wall);
        outer.inner_wall = outer.inner_wall.wrapping_add(wall);
        if let (Some(began), Some(ended)) = (self.cpu, cpu) {
            let cpu = ended.saturating_sub(began);
            outer.inner_cpu = outer.inner_cpu.wrapping_add(cpu);
            // Others like it are measured afterwards, so that it stands for none of them.
            let alone = self.certain || self.is_late(own, inner);
            let expected = (!alone).then_some(self.expected);
            // Two readings lie within the time, but about one of them within the CPU time.
            let own = own.saturating_sub(os::cost_of_reading());
            cell.cpu.measured(own, cpu.saturating_sub(inner.inner_cpu), expected);
            Reading::keep(Some(Reading { cpu: ended, at }));
        } else if self.is_late(own, inner) {
            self.end_late(cell, at, own);
        } else {
            let stratum = cell.cpu.unmeasured(own);
            if outer.depth == 0 {
                Reading::polled(stratum, wall);
            }
        }
        outer.set();
        Ended { at, wall }
    }

    /// Whether it is measured afterwards, where it was not measured. Of charges inside others nobody could tell.
    #[inline]
    fn is_late(&self, own: u64, inner: Polls) -> bool {
        is_late(own, self.expected) && self.outer.depth == 0 && inner.inner_wall == 0
    }

    /// It took long and nobody had expected that: what it used is told from what the thread used since its last reading.
    #[cold]
    fn end_late(&self, cell: &Cell, at: Instant, wall: u64) {
        let (Some(now), Some(last)) = (os::thread_cpu(), Reading::last()) else {
            cell.cpu.unmeasured(wall);
            return;
        };
        let polled = Reading::polled_since();
        let used = now.saturating_sub(last.cpu).saturating_sub(cell.cpu.expected_cpu(&polled));
        // Of the time outside of polls nobody knows whether the thread worked or slept.
        let outside = nanos(self.since, last.at).saturating_sub(polled.iter().sum());
        if outside <= wall / 4 {
            cell.cpu.measured(wall, used.saturating_sub(outside / 2).min(wall), None);
        } else {
            cell.cpu.bounded(wall, used.min(wall));
        }
        Reading::keep(Some(Reading { cpu: now, at }));
    }
}

fn nanos(at: Instant, since: Instant) -> u64 {
    let time = at.saturating_duration_since(since);
    time.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(time.subsec_nanos()))
}

//! When calls are due. Knows no clock: it is told the time.

use std::time::Duration;

use tokio::time::Instant;

/// Timers are exact to a millisecond: what a call came later than it was due, by up to this, is made up for by the next
/// ones. More is not, or a thread that stood still would be followed by a rush.
const TIMER_LATENESS: Duration = Duration::from_millis(2);

/// The generic cell rate algorithm of ITU-T I.371: calls are due one interval after the other, and may come before by as
/// many intervals as the burst is long, less one.
#[derive(Default)]
pub(super) struct Schedule {
    /// When the next call would be due, were there no burst.
    due: Option<Instant>,
}

/// How calls are spaced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spacing {
    pub(super) interval: Duration,
    /// How long before it is due a call may come.
    pub(super) tolerance: Duration,
}

impl Schedule {
    /// From when on the next call may be made; `None` where that is at once.
    pub(super) fn earliest(&self, spacing: Spacing, now: Instant) -> Option<Instant> {
        self.due?.checked_sub(spacing.tolerance).filter(|earliest| now < *earliest)
    }

    /// Makes the next call now, for which somebody has waited since then.
    pub(super) fn take(&mut self, spacing: Spacing, waited_since: Instant, now: Instant) {
        let not_before = now.checked_sub(TIMER_LATENESS).unwrap_or(now).max(waited_since);
        let due = self.due.map_or(not_before, |due| due.max(not_before));
        self.due = due.checked_add(spacing.interval);
    }
}

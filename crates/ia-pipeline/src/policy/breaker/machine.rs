//! The states of a circuit breaker. Knows no clock: it is told the time.

use std::time::{Duration, Instant};

use super::window::Window;
use super::{CircuitState, Trip};

/// A circuit breaker without its lock.
pub(super) struct Machine {
    phase: Phase,
    /// Grows with every change of state, so that a call that began before it is told from one that began after.
    epoch: u64,
    /// Probes under way, those of an earlier time half-open included.
    probing: u32,
}

/// A call that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    epoch: u64,
    is_probe: bool,
}

enum Phase {
    Closed(Tally),
    /// Until then; for ever, where that is beyond the clock.
    Open(Option<Instant>),
    /// So many probes have succeeded.
    HalfOpen(u32),
}

/// What a closed breaker remembers of its calls.
enum Tally {
    Consecutive(u32),
    Window(Window),
}

/// The numbers of a breaker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) trip: Trip,
    pub(super) open_for: Duration,
    pub(super) probes: u32,
}

/// How a call that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallEnd {
    Cancelled,
    Failed(Instant),
    Succeeded,
}

impl Machine {
    pub(super) fn new(trip: Trip) -> Self {
        Self { phase: Phase::Closed(Tally::new(trip)), epoch: 0, probing: 0 }
    }

    /// Lets a call through, or not.
    pub(super) fn admit(&mut self, numbers: &Numbers, now: Instant) -> Option<Call> {
        if self.is_open_at(now) {
            return None;
        }
        if matches!(self.phase, Phase::Open(_)) {
            self.turn(Phase::HalfOpen(0));
        }
        let is_probe = match self.phase {
            Phase::HalfOpen(succeeded) if self.probing + succeeded >= numbers.probes => {
                return None;
            }
            Phase::HalfOpen(_) => {
                self.probing += 1;
                true
            }
            Phase::Closed(_) | Phase::Open(_) => false,
        };
        Some(Call { epoch: self.epoch, is_probe })
    }

    /// Whether the breaker would still be open at that time, if nothing happened before.
    pub(super) fn is_open_at(&self, then: Instant) -> bool {
        matches!(self.phase, Phase::Open(until) if until.is_none_or(|until| then < until))
    }

    /// Notes how a call ended, if the state in which it began still lasts.
    pub(super) fn ended(&mut self, numbers: &Numbers, call: Call, end: CallEnd) {
        self.probing -= u32::from(call.is_probe);
        if call.epoch != self.epoch {
            return;
        }
        let opens = match (&mut self.phase, end) {
            (Phase::Closed(tally), _) => tally.note(numbers.trip, end),
            (Phase::HalfOpen(_), CallEnd::Failed(_)) => true,
            (Phase::HalfOpen(succeeded), CallEnd::Succeeded) => {
                *succeeded += 1;
                if *succeeded == numbers.probes {
                    self.turn(Phase::Closed(Tally::new(numbers.trip)));
                }
                false
            }
            // No call begins in an open breaker.
            (Phase::HalfOpen(_), CallEnd::Cancelled) | (Phase::Open(_), _) => false,
        };
        if let (true, CallEnd::Failed(now)) = (opens, end) {
            self.turn(Phase::Open(now.checked_add(numbers.open_for)));
        }
    }

    pub(super) fn state(&self) -> CircuitState {
        match self.phase {
            Phase::Closed(_) => CircuitState::Closed,
            Phase::Open(_) => CircuitState::Open,
            Phase::HalfOpen(_) => CircuitState::HalfOpen,
        }
    }

    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch += 1;
    }
}

impl Tally {
    fn new(trip: Trip) -> Self {
        match trip {
            Trip::Consecutive(_) => Self::Consecutive(0),
            Trip::Rate { window, .. } => Self::Window(Window::new(window)),
        }
    }

    /// Notes a call; whether what opens the breaker is reached. Only a failure opens it.
    fn note(&mut self, trip: Trip, end: CallEnd) -> bool {
        let failed = match end {
            CallEnd::Cancelled => return false,
            CallEnd::Failed(_) => true,
            CallEnd::Succeeded => false,
        };
        match (self, trip) {
            (Self::Consecutive(failures), Trip::Consecutive(most)) => {
                *failures = if failed { failures.saturating_add(1) } else { 0 };
                *failures >= most
            }
            (Self::Window(window), Trip::Rate { rate, .. }) => {
                window.push(failed);
                window.failure_rate().is_some_and(|failing| failing >= rate)
            }
            // Made from the same numbers, the two agree.
            (Self::Consecutive(_), Trip::Rate { .. }) | (Self::Window(_), Trip::Consecutive(_)) => {
                false
            }
        }
    }
}

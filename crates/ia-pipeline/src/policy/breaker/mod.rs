//! Circuit breakers: what fails again and again is left alone for a while.

mod machine;
mod window;

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::machine::{Call, CallEnd, Machine, Numbers};
use super::PolicyError;
use super::retry::{Predicate, about};
use crate::StepError;

/// Leaves what fails again and again alone for a while, then tries with a few calls whether it works again.
///
/// ```
/// use std::time::Duration;
///
/// use ia_pipeline::{CircuitBreaker, Policy};
///
/// let openai = CircuitBreaker::new().failures(5).open_for(Duration::from_secs(30)).probes(2);
/// let ask = Policy::retry(3).circuit_breaker(openai.clone());
/// let embed = Policy::retry(3).circuit_breaker(openai); // one breaker for both
/// ```
///
/// It is a handle: its clones are one breaker, shared by all runs of all steps that are given one. Each setter makes
/// another breaker, so set everything before cloning.
///
/// - **Closed**, every attempt is let through. Those that failed are counted: errors, panics and attempts that took longer
///   than [`timeout`](crate::Policy::timeout) or [`total_timeout`](crate::Policy::total_timeout) allows.
/// - **Open**, for the time of [`open_for`](Self::open_for), none is. A step that asks fails at once with the `error_type`
///   `circuit_open`, without waiting for its rate limit; it is not retried, its fallback answers, and
///   [`continue_on_error`](crate::Policy::continue_on_error) holds.
/// - **Half-open**, [`probes`](Self::probes) attempts are let through. When all of them have succeeded it is closed; when
///   one fails it is open again.
///
/// An attempt that is dropped before it has ended, because its run is cancelled or comes to its deadline, counts as
/// neither, and another takes its place as a probe. So does one that ends after the breaker has changed its state. A
/// probe that never ends keeps its place: give the step a timeout.
///
/// Time is that of the clock of the pipeline's tracer.
#[derive(Clone)]
pub struct CircuitBreaker {
    shared: Arc<Shared>,
}

/// What a [`CircuitBreaker`] does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitState {
    /// It lets all through.
    Closed,
    /// It lets a few through, to see.
    HalfOpen,
    /// It lets none through.
    Open,
}

struct Shared {
    settings: Settings,
    machine: Mutex<Machine>,
}

#[derive(Clone)]
struct Settings {
    numbers: Numbers,
    failure_if: Option<Predicate>,
}

/// What opens a breaker.
#[derive(Clone, Copy, Debug)]
enum Trip {
    Consecutive(u32),
    Rate { rate: f64, window: u32 },
}

/// A call that was let through. Dropped before its end, it was cancelled.
pub(crate) struct Admitted {
    breaker: CircuitBreaker,
    call: Call,
    end: CallEnd,
}

impl CircuitBreaker {
    /// A closed breaker.
    #[must_use]
    pub fn new() -> Self {
        let trip = Trip::Consecutive(5);
        let numbers = Numbers { trip, open_for: Duration::from_secs(30), probes: 1 };
        Self::with(Settings { numbers, failure_if: None })
    }

    /// Opens after so many failures in a row, at least 1. Defaults to 5.
    #[must_use]
    pub fn failures(self, failures: u32) -> Self {
        self.numbers(|numbers| numbers.trip = Trip::Consecutive(failures))
    }

    /// Opens at a failure when this share of the last `window` calls, or more, has failed; before there have been so many it
    /// stays closed. `rate` is above 0 and at most 1; `window` at least 1. Defaults to failures in a row instead.
    #[must_use]
    pub fn failure_rate(self, rate: f64, window: u32) -> Self {
        self.numbers(|numbers| numbers.trip = Trip::Rate { rate, window })
    }

    /// Sets how long it stays open. Defaults to 30 seconds.
    #[must_use]
    pub fn open_for(self, time: Duration) -> Self {
        self.numbers(|numbers| numbers.open_for = time)
    }

    /// Sets how many calls are let through half-open, at the same time or one after the other, and must succeed: at least
    /// 1. Defaults to 1.
    #[must_use]
    pub fn probes(self, probes: u32) -> Self {
        self.numbers(|numbers| numbers.probes = probes)
    }

    /// Sets which errors of type `E`, wherever they are in the chain of sources, are failures. Any other error counts as
    /// a success: what was called has answered. Panics and timeouts are always failures. Defaults to all errors.
    ///
    /// ```
    /// # use ia_pipeline::CircuitBreaker;
    /// # #[derive(Debug, thiserror::Error)] #[error("{status}")] struct HttpError { status: u16 }
    /// let breaker = CircuitBreaker::new().failure_if(|error: &HttpError| error.status >= 500);
    /// ```
    #[must_use]
    pub fn failure_if<E: Error + 'static>(
        self,
        predicate: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        let settings = self.shared.settings.clone();
        Self::with(Settings { failure_if: Some(about(predicate)), ..settings })
    }

    /// What it does with calls. It is open until, its time being over, a call asks.
    #[must_use]
    pub fn state(&self) -> CircuitState {
        self.machine().state()
    }

    /// Lets a call through, or not.
    pub(crate) fn admit(&self, now: Instant) -> Option<Admitted> {
        let call = self.machine().admit(&self.shared.settings.numbers, now)?;
        Some(Admitted { breaker: self.clone(), call, end: CallEnd::Cancelled })
    }

    /// Whether it would still be open at that time, if nothing happened before.
    pub(crate) fn is_open_at(&self, then: Instant) -> bool {
        self.machine().is_open_at(then)
    }

    /// Whether an error that a step returned is a failure.
    pub(crate) fn is_failure(&self, error: &StepError) -> bool {
        self.shared.settings.failure_if.as_ref().is_none_or(|failure_if| failure_if(error))
    }

    pub(super) fn check(&self) -> Option<PolicyError> {
        let numbers = &self.shared.settings.numbers;
        match numbers.trip {
            Trip::Consecutive(0) => Some(PolicyError::BreakerFailures),
            Trip::Rate { window: 0, .. } => Some(PolicyError::BreakerWindow),
            Trip::Rate { rate, .. } if !(rate > 0.0 && rate <= 1.0) => {
                Some(PolicyError::BreakerRate)
            }
            _ => (numbers.probes == 0).then_some(PolicyError::BreakerProbes),
        }
    }

    fn with(settings: Settings) -> Self {
        let machine = Mutex::new(Machine::new(settings.numbers.trip));
        Self { shared: Arc::new(Shared { settings, machine }) }
    }

    fn numbers(self, change: impl FnOnce(&mut Numbers)) -> Self {
        let mut settings = self.shared.settings.clone();
        change(&mut settings.numbers);
        Self::with(settings)
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.shared.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admitted {
    pub(crate) fn failed(mut self, now: Instant) {
        self.end = CallEnd::Failed(now);
    }

    pub(crate) fn succeeded(mut self) {
        self.end = CallEnd::Succeeded;
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let numbers = &self.breaker.shared.settings.numbers;
        self.breaker.machine().ended(numbers, self.call, self.end);
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::new()
    }
}

impl CircuitState {
    /// Its name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("numbers", &self.shared.settings.numbers)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

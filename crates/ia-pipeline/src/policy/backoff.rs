//! How long to wait between attempts.

use std::time::Duration;

/// How long to wait between attempts: growing from the first wait to the longest, each shortened at random, so that what
/// failed together is not tried again together.
///
/// ```
/// use std::time::Duration;
///
/// use ia_pipeline::{Backoff, Jitter};
///
/// // About 1, 3, 9, 27 and then 60 seconds.
/// let backoff = Backoff::exponential(Duration::from_secs(1), Duration::from_secs(60))
///     .multiplier(3.0)
///     .jitter(Jitter::Full);
/// ```
///
/// Chance comes from the generator of the `fastrand` crate for the current thread: seeded, on a runtime of one thread,
/// it gives the same waits again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    multiplier: f64,
    jitter: Jitter,
}

/// By how much a wait is shortened at random. The names are those of Amazon's article "Exponential Backoff And Jitter".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Jitter {
    /// By up to a half: nobody comes back at once.
    #[default]
    Equal,
    /// By anything up to all of it: the least work for what has failed, where many have failed together.
    Full,
    /// Not at all.
    None,
}

impl Backoff {
    /// No waits.
    pub const NONE: Self = Self::constant(Duration::ZERO);

    /// Waits that grow from `first` up to `longest`, each double the one before. `longest` is at least `first`.
    #[must_use]
    pub const fn exponential(first: Duration, longest: Duration) -> Self {
        Self { first, longest, multiplier: 2.0, jitter: Jitter::Equal }
    }

    /// Waits that are all the same, but for chance.
    #[must_use]
    pub const fn constant(wait: Duration) -> Self {
        Self { first: wait, longest: wait, multiplier: 1.0, jitter: Jitter::Equal }
    }

    /// Sets how many times as long as the one before each wait is: a finite number, at least 1. Defaults to 2, and for
    /// constant waits to 1.
    #[must_use]
    pub const fn multiplier(mut self, multiplier: f64) -> Self {
        self.multiplier = multiplier;
        self
    }

    /// Sets by how much waits are shortened at random. Defaults to [`Jitter::Equal`].
    #[must_use]
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// The wait after the attempt of this number, counted from 1; `random` is within 0 and 1.
    pub(crate) fn wait(self, attempt: u32, random: f64) -> Duration {
        let power = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.first.as_secs_f64() * self.multiplier.powi(power);
        // Beyond what a duration can say, and for 0 times infinity, it is the longest.
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(self.longest).min(self.longest);
        match self.jitter {
            Jitter::Equal => wait.mul_f64(1.0 - random / 2.0),
            Jitter::Full => wait.mul_f64(1.0 - random),
            Jitter::None => wait,
        }
    }
}

impl Default for Backoff {
    /// From 100 milliseconds to 30 seconds, doubling.
    fn default() -> Self {
        Self::exponential(Duration::from_millis(100), Duration::from_secs(30))
    }
}

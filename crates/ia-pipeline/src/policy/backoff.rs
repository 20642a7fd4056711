//! How long to wait between attempts.

use std::time::Duration;

/// How long to wait between attempts: doubling from the first wait to the longest, each shortened at random by up to a
/// half, so that what failed together is not tried again together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// No waits.
    pub const NONE: Self = Self { first: Duration::ZERO, longest: Duration::ZERO };

    /// Waits that double from `first` up to `longest`.
    #[must_use]
    pub const fn exponential(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The wait after the attempt of this number, counted from 1; `random` is within 0 and 1.
    pub(crate) fn wait(self, attempt: u32, random: f64) -> Duration {
        let doubled = 2_u32
            .checked_pow(attempt.saturating_sub(1))
            .and_then(|factor| self.first.checked_mul(factor));
        doubled.unwrap_or(self.longest).min(self.longest).mul_f64(1.0 - random / 2.0)
    }
}

impl Default for Backoff {
    /// From 100 milliseconds to 30 seconds.
    fn default() -> Self {
        Self::exponential(Duration::from_millis(100), Duration::from_secs(30))
    }
}

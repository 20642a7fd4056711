//! What can be wrong with a policy.

use std::error::Error;
use std::fmt;

/// Why a policy cannot be used. Part of [`BuildError::UnusablePolicy`](crate::BuildError::UnusablePolicy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The longest wait of a backoff is shorter than its first.
    BackoffLongest,
    /// The multiplier of a backoff is below 1, infinite or not a number.
    BackoffMultiplier,
    /// A circuit breaker opens after no failures.
    BreakerFailures,
    /// A circuit breaker lets no probes through: it would never close.
    BreakerProbes,
    /// The failure rate of a circuit breaker is not above 0 and at most 1.
    BreakerRate,
    /// The failure rate of a circuit breaker is taken over no calls.
    BreakerWindow,
    /// A step may not run even once at a time.
    Concurrency,
    /// A rate limit allows no calls, or is over no time.
    Rate,
    /// A rate limit allows no call at once.
    RateBurst,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BackoffLongest => {
                "the longest wait of its backoff is shorter than the first; swap them, or use `Backoff::constant(…)`"
            }
            Self::BackoffMultiplier => {
                "the multiplier of its backoff is not a finite number of at least 1; use 2.0 to double, or 1.0 for waits that do not grow"
            }
            Self::BreakerFailures => {
                "its circuit breaker opens after 0 failures, so nothing could ever run; use at least 1 in `.failures(…)`"
            }
            Self::BreakerProbes => {
                "its circuit breaker lets 0 probes through, so it could never close; use at least 1 in `.probes(…)`"
            }
            Self::BreakerRate => {
                "the failure rate of its circuit breaker is not above 0 and at most 1; use 0.5 for every other call in `.failure_rate(…)`"
            }
            Self::BreakerWindow => {
                "the failure rate of its circuit breaker is taken over 0 calls; use at least 1, better 20, in `.failure_rate(…)`"
            }
            Self::Concurrency => {
                "its `max_concurrency` is 0, so it could never run; use at least 1"
            }
            Self::Rate => {
                "its rate limit allows 0 calls or is over no time, so it could never run; use at least 1 call over some time"
            }
            Self::RateBurst => {
                "its rate limit has a burst of 0, so it could never run; use at least 1 in `.burst(…)`"
            }
        })
    }
}

impl Error for PolicyError {}

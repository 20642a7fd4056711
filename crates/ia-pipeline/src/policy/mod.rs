//! What happens when a step fails or takes too long.

mod backoff;

use std::time::Duration;

pub use self::backoff::{Backoff, Jitter};

/// How often a step is tried, how long it may take, and what its failure means for the run.
///
/// ```
/// use std::time::Duration;
///
/// use ia_pipeline::{Backoff, Policy};
///
/// let policy = Policy::retry(3)
///     .backoff(Backoff::exponential(Duration::from_millis(50), Duration::from_secs(5)))
///     .timeout(Duration::from_secs(2));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "give it to a step by `.policy(…)`"]
pub struct Policy {
    pub(crate) retries: u32,
    pub(crate) backoff: Backoff,
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) continue_on_error: bool,
}

impl Policy {
    /// One attempt, no time limit, and a failure ends the run: what a step has without a policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tries again up to `retries` times after the first attempt. Each attempt is a span of its own.
    pub fn retry(retries: u32) -> Self {
        Self { retries, ..Self::default() }
    }

    /// Sets how long to wait between attempts. Defaults to [`Backoff::default`].
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets how long each attempt may take. Needs a tokio runtime with its timer on. Defaults to no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how long all attempts and the waits between them may take together. Needs a tokio runtime with its timer on.
    /// Defaults to no limit.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Lets the run go on when the step has failed for good. The step gives nothing then: a successor that takes an
    /// `Option` gets `None`, any other is skipped. Defaults to ending the run.
    pub fn continue_on_error(mut self) -> Self {
        self.continue_on_error = true;
        self
    }
}

//! What happens when a step fails or takes too long, and how much of it may run.

mod backoff;
mod breaker;
mod error;
mod rate_limit;
mod retry;

use std::error::Error;
use std::time::Duration;

pub use self::backoff::{Backoff, Jitter};
pub(crate) use self::breaker::Admitted;
pub use self::breaker::{CircuitBreaker, CircuitState};
pub use self::error::PolicyError;
pub use self::rate_limit::RateLimit;
pub(crate) use self::rate_limit::Turn;
pub(crate) use self::retry::Retry;
use self::retry::{RetryRules, about};
use crate::StepError;

/// How often a step is tried, how long it may take, how much of it may run, and what its failure means for the run.
///
/// ```
/// use std::time::Duration;
///
/// use ia_pipeline::{Backoff, CircuitBreaker, Policy, RateLimit};
///
/// # #[derive(Debug, thiserror::Error)] #[error("{status}")] struct LlmError { status: u16, retry_after: Option<Duration> }
/// # impl LlmError { fn is_transient(&self) -> bool { self.status == 429 || self.status >= 500 } }
/// let policy = Policy::retry(3)
///     .retry_on(|error: &LlmError| error.is_transient())
///     .retry_after(|error: &LlmError| error.retry_after)
///     .backoff(Backoff::exponential(Duration::from_millis(50), Duration::from_secs(5)))
///     .timeout(Duration::from_secs(2))
///     .max_concurrency(8)
///     .rate_limit(RateLimit::per_second(100).burst(10))
///     .circuit_breaker(CircuitBreaker::new().failures(5));
/// ```
///
/// # In which order
///
/// An execution of a step waits for a permit of [`max_concurrency`](Self::max_concurrency), then for one of the pipeline's
/// [`max_concurrency`](crate::PipelineBuilder::max_concurrency), and keeps both until it has ended, waits between attempts
/// included. Before each attempt the [`circuit_breaker`](Self::circuit_breaker) is asked, then the turn of the
/// [`rate_limit`](Self::rate_limit) is waited for, and then the breaker is asked again, as time has passed. So what waits
/// for the broader limit holds the narrower one and never the other way round, and whoever has the next turn waits for
/// nothing but time: there is no circle of waiting. All queues are first come, first served; a run that is dropped leaves
/// them, whatever it waits for, and gives back what it holds.
///
/// A [`fallback`](crate::PipelineBuilder::fallback) runs with the permits of its step. Breaker and rate limit are not
/// asked about it.
#[derive(Clone, Debug, Default)]
#[must_use = "give it to a step by `.policy(…)`"]
pub struct Policy {
    pub(crate) retries: u32,
    pub(crate) rules: RetryRules,
    pub(crate) backoff: Backoff,
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) continue_on_error: bool,
    pub(crate) max_concurrency: Option<usize>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) breaker: Option<CircuitBreaker>,
}

impl Policy {
    /// One attempt, no limits, and a failure ends the run: what a step has without a policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tries again up to `retries` times after the first attempt. Each attempt is a span of its own.
    pub fn retry(retries: u32) -> Self {
        Self { retries, ..Self::default() }
    }

    /// Tries again only after errors about which this says yes, or another [`retry_if`](Self::retry_if) or
    /// [`retry_on`](Self::retry_on) does. Panics and timeouts have rules of their own. Defaults to all errors.
    ///
    /// ```
    /// # use ia_pipeline::{Policy, StepError};
    /// let policy = Policy::retry(3).retry_if(|error: &StepError| error.to_string().contains("try again"));
    /// ```
    pub fn retry_if(
        mut self,
        predicate: impl Fn(&StepError) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.retry_if(std::sync::Arc::new(predicate));
        self
    }

    /// Tries again only after errors of type `E`, wherever they are in the chain of sources, about which this says yes,
    /// or another [`retry_on`](Self::retry_on) or [`retry_if`](Self::retry_if) does. Defaults to all errors.
    pub fn retry_on<E: Error + 'static>(
        mut self,
        predicate: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.retry_if(about(predicate));
        self
    }

    /// Sets whether a panic is tried again: it may come of what the step was answered, like an empty list. Defaults to
    /// yes.
    pub fn retry_panics(mut self, retried: bool) -> Self {
        self.rules.panics = retried;
        self
    }

    /// Sets whether an attempt that took longer than [`timeout`](Self::timeout) is tried again. Say no where it may have
    /// done its work nevertheless and must not do it twice. Defaults to yes.
    pub fn retry_timeouts(mut self, retried: bool) -> Self {
        self.rules.timeouts = retried;
        self
    }

    /// Sets what tells how long errors of type `E`, wherever they are in the chain of sources, ask to wait before the next
    /// attempt, like the header `Retry-After`. It is waited for that long, neither more nor less, but at most for the
    /// backoff's longest wait. Can be given for several types. Defaults to what
    /// [`StepError::retry_after`] says, which comes first.
    pub fn retry_after<E: Error + 'static>(
        mut self,
        wait: impl Fn(&E) -> Option<Duration> + Send + Sync + 'static,
    ) -> Self {
        self.rules.retry_after(wait);
        self
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

    /// Sets how long all attempts may take together, with the waits between them and for the rate limit. Needs a tokio
    /// runtime with its timer on. Defaults to no limit.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Sets how many executions of the step may be under way at the same time, over all runs of its pipeline: at least 1;
    /// more wait. Each step that is given the policy has its own limit. Defaults to no limit but the pipeline's.
    pub fn max_concurrency(mut self, executions: usize) -> Self {
        self.max_concurrency = Some(executions);
        self
    }

    /// Sets how many attempts may be made in how much time. Steps that are given clones of one limit share it. Defaults
    /// to no limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Sets what leaves the step alone for a while when it fails again and again. Steps that are given clones of one
    /// breaker share it. An attempt is not made while it is open: a step that has not been tried yet fails with the
    /// `error_type` `circuit_open`, one that is to be tried again with what it failed with last. Defaults to none.
    pub fn circuit_breaker(mut self, breaker: CircuitBreaker) -> Self {
        self.breaker = Some(breaker);
        self
    }

    /// Lets the run go on when the step has failed for good. The step gives nothing then: a successor that takes an
    /// `Option` gets `None`, any other is skipped. Defaults to ending the run.
    pub fn continue_on_error(mut self) -> Self {
        self.continue_on_error = true;
        self
    }

    /// Whether an error that the step returned is worth another attempt.
    pub(crate) fn after_error(&self, error: &StepError) -> Retry {
        if self.retries == 0 { Retry::No } else { self.rules.after_error(error) }
    }

    /// Whether a panic is.
    pub(crate) fn after_panic(&self) -> Retry {
        if self.rules.panics { Retry::Backoff } else { Retry::No }
    }

    /// Whether an attempt that took too long is.
    pub(crate) fn after_timeout(&self) -> Retry {
        if self.rules.timeouts { Retry::Backoff } else { Retry::No }
    }

    /// Whether the error is an answer rather than a failure, as the circuit breaker sees it.
    pub(crate) fn has_answered(&self, error: &StepError) -> bool {
        self.breaker.as_ref().is_some_and(|breaker| !breaker.is_failure(error))
    }

    /// Whether attempts may be refused or have to wait.
    pub(crate) fn admits(&self) -> bool {
        self.rate_limit.is_some() || self.breaker.is_some()
    }

    /// What is wrong with it.
    pub(crate) fn check(&self) -> impl Iterator<Item = PolicyError> {
        let concurrency = (self.max_concurrency == Some(0)).then_some(PolicyError::Concurrency);
        let rate = self.rate_limit.as_ref().and_then(RateLimit::check);
        let breaker = self.breaker.as_ref().and_then(CircuitBreaker::check);
        [self.backoff.check(), concurrency, rate, breaker].into_iter().flatten()
    }
}

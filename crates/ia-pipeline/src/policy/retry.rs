//! Which failures are worth another attempt.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::StepError;

/// A question about the error of a step.
pub(crate) type Predicate = Arc<dyn Fn(&StepError) -> bool + Send + Sync>;

type Hint = Arc<dyn Fn(&StepError) -> Option<Duration> + Send + Sync>;

/// Which failures are worth another attempt, and when.
#[derive(Clone)]
pub(crate) struct RetryRules {
    /// One of them says yes. Without any, all errors are worth it.
    predicates: Vec<Predicate>,
    hints: Vec<Hint>,
    pub(super) panics: bool,
    pub(super) timeouts: bool,
}

/// What is done after a failed attempt, if there are attempts left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Another attempt, after the wait of the backoff.
    Backoff,
    /// Another attempt, after the wait that the error asks for.
    Asked(Duration),
    /// No other attempt.
    No,
}

impl RetryRules {
    pub(super) fn retry_if(&mut self, predicate: Predicate) {
        self.predicates.push(predicate);
    }

    pub(super) fn retry_after<E: Error + 'static>(
        &mut self,
        wait: impl Fn(&E) -> Option<Duration> + Send + Sync + 'static,
    ) {
        self.hints.push(Arc::new(move |error| error.find().and_then(&wait)));
    }

    /// What an error that a step returned means.
    pub(super) fn after_error(&self, error: &StepError) -> Retry {
        let worth_it =
            self.predicates.is_empty() || self.predicates.iter().any(|predicate| predicate(error));
        if !worth_it {
            return Retry::No;
        }
        let hint = || self.hints.iter().find_map(|hint| hint(error));
        error.asked_wait().or_else(hint).map_or(Retry::Backoff, Retry::Asked)
    }
}

impl Default for RetryRules {
    fn default() -> Self {
        Self { predicates: Vec::new(), hints: Vec::new(), panics: true, timeouts: true }
    }
}

impl fmt::Debug for RetryRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryRules")
            .field("predicates", &self.predicates.len())
            .field("hints", &self.hints.len())
            .field("panics", &self.panics)
            .field("timeouts", &self.timeouts)
            .finish()
    }
}

/// A question about errors of one type, wherever they are in the chain of sources; any other error is a no.
pub(super) fn about<E: Error + 'static>(
    predicate: impl Fn(&E) -> bool + Send + Sync + 'static,
) -> Predicate {
    Arc::new(move |error| error.find().is_some_and(&predicate))
}

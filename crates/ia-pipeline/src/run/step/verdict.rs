//! What a failed attempt means for the next one and for the circuit breaker.

use crate::StepError;
use crate::builder::StepPlan;
use crate::error_type::PANIC;
use crate::policy::Retry;
use crate::run::contain::{Panic, contain};
use crate::run::failure::Failure;
use crate::run::state::RunState;

/// How a policy judges a failed attempt.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    /// Whether another attempt is worth it.
    pub(super) retry: Retry,
    /// Whether what was called has answered nevertheless, as its circuit breaker sees it.
    pub(super) has_answered: bool,
}

/// A failure and the verdict on it.
pub(super) struct Judged {
    pub(super) failure: Failure,
    pub(super) verdict: Verdict,
}

impl Judged {
    pub(super) fn new(failure: Failure, retry: Retry) -> Self {
        Self { failure, verdict: Verdict { retry, has_answered: false } }
    }

    /// Of an error that the step returned.
    pub(super) fn of(error: StepError, plan: &StepPlan, run: &RunState) -> Self {
        let policy = &plan.policy;
        let judge = || Verdict {
            retry: policy.after_error(&error),
            has_answered: policy.has_answered(&error),
        };
        match contain(judge) {
            Ok(verdict) => {
                let failure = Failure::of(error, &plan.classifiers, run.budgets.as_ref());
                if failure.refused.is_some() {
                    // What a budget refused once, it refuses again; nobody has been asked.
                    let verdict = Verdict { retry: Retry::No, has_answered: true };
                    return Self { failure, verdict };
                }
                Self { failure, verdict }
            }
            // Its policy is of the user's making too.
            Err(Panic(text)) => {
                contain(|| drop(error)).ok();
                let message = format!("its policy panicked as it judged an error: {text}");
                Self::new(Failure::new(PANIC, message), policy.after_panic())
            }
        }
    }
}

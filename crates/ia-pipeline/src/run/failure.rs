//! How one attempt, or a step as a whole, fails.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use super::contain::{Panic, contain};
use crate::budget::RunBudgets;
use crate::error_type::{self, Classifier};
use crate::{BudgetExceeded, OnExceeded, StepError, StoreError};

/// The most bytes of an error's message that are kept on spans and in errors of runs; the error itself is kept whole.
const LONGEST_MESSAGE: usize = 4_096;

/// Why a step or a run has nothing to give: told once, when it happens, as telling it runs code of users.
pub(crate) struct Failure {
    /// The value of the label `error_type`.
    pub(crate) error_type: Cow<'static, str>,
    pub(crate) message: String,
    /// The error behind it, where a step returned one.
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
    /// What it means for the run, where a budget refused what the step asked for.
    pub(crate) refused: Option<OnExceeded>,
}

impl Failure {
    /// Of an error that a step or a condition returned, under the budgets of its run.
    pub(crate) fn of(
        error: StepError,
        classifiers: &[Classifier],
        budgets: Option<&RunBudgets>,
    ) -> Self {
        let told = contain(|| {
            let refused = budgets.and_then(|budgets| budgets.refused_in(error.as_error()));
            let error_type = match refused {
                Some(_) => Cow::Borrowed(error_type::BUDGET_EXCEEDED),
                None => error_type::name_of(&error, classifiers),
            };
            (refused, error_type, error.to_string())
        });
        match told {
            Ok((refused, error_type, message)) => Self {
                error_type,
                message: shortened(message),
                source: Some(error.into_source()),
                refused,
            },
            // An error that cannot be told is not kept: whoever printed it would panic too.
            Err(Panic(text)) => {
                drop(contain(|| drop(error)));
                Self::new(error_type::PANIC, format!("its error panicked as it was told: {text}"))
            }
        }
    }

    pub(crate) fn ambiguous_input() -> Self {
        let message = "several of its predecessors gave it a value, but it takes one; add it by `.join(…)` or make the conditions exclude each other";
        Self::new(error_type::AMBIGUOUS_INPUT, message)
    }

    pub(crate) fn circuit_open() -> Self {
        let message = "its circuit breaker is open, as it has failed again and again; it is tried again once the breaker's time is over, or give it a fallback";
        Self::new(error_type::CIRCUIT_OPEN, message)
    }

    pub(crate) fn loop_limit(limit: u32, to: &str) -> Self {
        let message = format!(
            "the loop back to `{}` was to be taken more than {limit} times; raise its limit or change its condition",
            to.escape_debug()
        );
        Self::new(error_type::LOOP_LIMIT, message)
    }

    pub(crate) fn panicked(Panic(text): Panic) -> Self {
        Self::new(error_type::PANIC, format!("panicked: {text}"))
    }

    pub(crate) fn rate_limited() -> Self {
        let message = "its rate limit refused the attempt; let it wait, raise the limit, or give it a fallback";
        Self::new(error_type::RATE_LIMITED, message)
    }

    pub(crate) fn timeout(limit: Duration) -> Self {
        Self::new(error_type::TIMEOUT, format!("took longer than {limit:?}"))
    }

    /// A value cannot be kept in a checkpoint.
    pub(crate) fn input_unsaved(reason: &str) -> Self {
        Self::new(
            error_type::CHECKPOINT,
            format!("cannot be saved, as its input cannot be written as JSON: {reason}"),
        )
    }

    /// The output of a step cannot be kept in a checkpoint.
    pub(crate) fn output_unsaved(reason: &str) -> Self {
        Self::new(
            error_type::CHECKPOINT,
            format!(
                "its output cannot be written as JSON: {reason}; give something that can, or leave its `.checkpoint()` out"
            ),
        )
    }

    /// A checkpoint could not be saved.
    pub(crate) fn unsaved(error: StoreError) -> Self {
        let message = format!("cannot be saved: {error}");
        Self { source: Some(Box::new(error)), ..Self::new(error_type::CHECKPOINT, message) }
    }

    /// The fallback failed too: it keeps the name and the error of what it failed with itself.
    pub(crate) fn and_fallback(mut self, fallback: &Self) -> Self {
        if fallback.refused.is_some() {
            (self.refused, self.error_type) = (fallback.refused, fallback.error_type.clone());
        }
        self.message =
            shortened(format!("{}; its fallback failed too: {}", self.message, fallback.message));
        self
    }

    pub(crate) fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        let message = shortened(message.into());
        Self { error_type: Cow::Borrowed(error_type), message, source: None, refused: None }
    }

    pub(crate) fn over_budget(exceeded: BudgetExceeded) -> Self {
        let message = format!("was stopped: {exceeded}");
        let source = Some(exceeded.into());
        Self { source, ..Self::new(error_type::BUDGET_EXCEEDED, message) }
    }

    /// Whether the run ends with it, whatever the step's policy says.
    pub(crate) fn ends_run(&self) -> bool {
        self.refused == Some(OnExceeded::Stop)
    }
}

fn shortened(mut message: String) -> String {
    if message.len() > LONGEST_MESSAGE {
        message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
        message.push('…');
    }
    message
}

//! A run that did not succeed.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use ia_tracing::TraceId;

use super::{Pause, RunId, StepReport};
use crate::{StepStatus, Usd};

/// Why a run did not succeed, and how far it came.
///
/// `Debug` writes what `Display` does: a `main` that returns it prints it that way.
pub struct RunError(Box<Inner>);

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunErrorKind {
    /// It exceeded its budget, or a step was refused what it asked of it.
    BudgetExceeded,
    /// Somebody cancelled it.
    Cancelled,
    /// A checkpoint could not be saved, or somebody else has resumed the run.
    Checkpoint,
    /// It took longer than its deadline.
    Deadline,
    /// The flow ended at [`Flow::FAILURE`](crate::Flow::FAILURE).
    EndedInFailure,
    /// The flow came to its end and no step had given the run's output, or what a flow file says the output is made of
    /// is not there.
    NoOutput,
    /// Something panicked between steps, like a `Clone` of the output.
    Panic,
    /// It waits for a person: see [`RunError::pauses`].
    Paused,
    /// A step failed for good.
    Step,
}

pub(crate) struct Inner {
    pub(crate) kind: RunErrorKind,
    pub(crate) pipeline: String,
    pub(crate) step: Option<String>,
    pub(crate) error_type: String,
    pub(crate) message: String,
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
    pub(crate) steps: Vec<StepReport>,
    pub(crate) pauses: Vec<Pause>,
    pub(crate) duration: Duration,
    pub(crate) cost: Usd,
    pub(crate) id: RunId,
    pub(crate) trace_id: TraceId,
}

impl RunError {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Box::new(inner))
    }

    /// What ended the run.
    #[must_use]
    pub fn kind(&self) -> RunErrorKind {
        self.0.kind
    }

    /// The step that ended it, where one did.
    #[must_use]
    pub fn step(&self) -> Option<&str> {
        self.0.step.as_deref()
    }

    /// The short name of the error, as `step_errors_total` counts it.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.0.error_type
    }

    /// The steps that ended before the run did, whatever their status, in that order.
    #[must_use]
    pub fn steps(&self) -> &[StepReport] {
        &self.0.steps
    }

    /// The steps that had been completed when the run ended.
    pub fn completed(&self) -> impl Iterator<Item = &StepReport> {
        self.0
            .steps
            .iter()
            .filter(|step| matches!(step.status, StepStatus::Success | StepStatus::Fallback))
    }

    /// What the run waits for, where it is paused.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        &self.0.pauses
    }

    /// How long the run took, pauses left out.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.0.duration
    }

    /// What its calls cost before it ended.
    #[must_use]
    pub fn cost(&self) -> Usd {
        self.0.cost
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.0.id
    }

    /// The trace that its spans belong to.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.0.trace_id
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pipeline `{}` ", self.0.pipeline.escape_debug())?;
        match &self.0.step {
            Some(step) => write!(f, "failed in step `{}`: {}", step.escape_debug(), self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

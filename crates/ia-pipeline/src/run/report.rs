//! What a run gives back.

use std::fmt;
use std::time::Duration;

use ia_tracing::TraceId;

use super::RunId;
use crate::checkpoint::StepRecord;
use crate::{StepStatus, Usage, Usd};

/// A run that succeeded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run<O> {
    /// What it gave.
    pub output: O,
    /// How long it took, without waiting for a permit.
    pub duration: Duration,
    /// What its calls cost, as far as prices are known.
    pub cost: Usd,
    /// How many items its steps reported.
    pub items: u64,
    /// How many calls of outside services it made.
    pub api_calls: u64,
    /// The tokens of its calls.
    pub tokens: Usage,
    /// Its steps in the order in which they ended.
    pub steps: Vec<StepReport>,
    /// Its identity.
    pub id: RunId,
    /// The trace that its spans belong to.
    pub trace_id: TraceId,
}

/// One execution of a step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepReport {
    /// The step.
    pub name: String,
    /// How it ended.
    pub status: StepStatus,
    /// How often it was tried; 0 when it was skipped, or a limit or an open breaker refused the first attempt.
    pub attempts: u32,
    /// How long its attempts took together.
    pub duration: Duration,
    /// The short name of what it failed with, a failure that its fallback answered included.
    pub error_type: Option<String>,
    /// How many items it reported, or sent into the stream that it yields.
    pub items: u64,
    /// How many calls of outside services it made.
    pub api_calls: u64,
    /// The tokens of its calls.
    pub tokens: Usage,
    /// What its calls cost, as far as prices are known.
    pub cost: Usd,
    /// Whether it ended before the run was resumed, and is told from the checkpoint.
    pub restored: bool,
}

impl StepReport {
    pub(crate) fn restored(name: &str, record: &StepRecord) -> Self {
        let totals = record.totals;
        Self {
            name: name.to_owned(),
            status: record.status.status(),
            attempts: record.attempts,
            duration: Duration::from_nanos(record.nanos),
            error_type: record.error_type.clone(),
            items: totals.items.saturating_add(record.sent),
            api_calls: totals.api_calls,
            tokens: totals.tokens(),
            cost: Usd::from_nanos(totals.cost_nano_usd),
            restored: true,
        }
    }

    pub(crate) fn skipped(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: StepStatus::Skipped,
            attempts: 0,
            duration: Duration::ZERO,
            error_type: None,
            items: 0,
            api_calls: 0,
            tokens: Usage::NONE,
            cost: Usd::ZERO,
            restored: false,
        }
    }
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} in {:.3?}", self.name, self.status, self.duration)?;
        self.error_type.iter().try_for_each(|name| write!(f, " ({name})"))
    }
}

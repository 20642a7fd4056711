//! What a checkpoint keeps of a step.

use crate::checkpoint::{SavedOutput, SavedStatus, StepRecord, Totals};
use crate::run::contain::contain;
use crate::run::failure::Failure;
use crate::run::report::StepReport;
use crate::run::state::RunState;

use super::Outcome;

/// The record of a step that ended and did not end the run; `None` where there is no checkpoint.
pub(super) fn of(
    run: &RunState,
    step: usize,
    outcome: &Outcome,
    report: &StepReport,
    totals: Totals,
) -> Result<Option<StepRecord>, Failure> {
    if run.core.checkpoints.is_none() {
        return Ok(None);
    }
    let (output, routes) = match outcome {
        Outcome::Gave(output, routes) => {
            let saved = match &run.core.plans[step].codec {
                Some(codec) => {
                    let json = contain(|| codec.encode(output)).map_err(Failure::panicked)?;
                    let json = json.map_err(|reason| Failure::output_unsaved(&reason))?;
                    SavedOutput::Value(json.into())
                }
                None => SavedOutput::NotSaved,
            };
            (saved, routes)
        }
        Outcome::GaveNothing(routes) => (SavedOutput::Nothing, routes),
        Outcome::Failed(_) | Outcome::Paused { .. } | Outcome::Unsaved(_) => return Ok(None),
    };
    Ok(Some(StepRecord {
        sequence: 0,
        step,
        status: SavedStatus::of(report.status),
        error_type: report.error_type.clone(),
        output,
        ahead: routes.ahead.clone(),
        back: routes.back,
        attempts: report.attempts,
        nanos: u64::try_from(report.duration.as_nanos()).unwrap_or(u64::MAX),
        sent: report.items.saturating_sub(totals.items),
        totals,
    }))
}

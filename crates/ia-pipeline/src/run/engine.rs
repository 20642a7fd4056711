//! Runs the steps of a flow, several at a time.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::failure::Failure;
use super::progress::Progress;
use super::report::StepReport;
use super::state::Stop;
use super::step::{Outcome, run_step};
use super::{RunErrorKind, RunState};
use crate::StepStatus;
use crate::data::Shared;

/// Why a run has no output.
pub(crate) struct Ended {
    pub(crate) kind: RunErrorKind,
    /// The step that ended it, and how it failed.
    pub(crate) step: Option<(usize, Failure)>,
    pub(crate) message: String,
}

impl Ended {
    fn new(kind: RunErrorKind, message: impl Into<String>) -> Self {
        Self { kind, step: None, message: message.into() }
    }
}

/// Runs the flow until it ends, the run is cancelled, or its time is over. All steps run inside this one future: when
/// it is dropped, so are they.
pub(crate) async fn execute(run: &Arc<RunState>, input: Shared) -> Result<Shared, Ended> {
    // Each arm says why before the steps are dropped, so that they end as what they are.
    let cancelled = async {
        run.token.cancelled().await;
        run.stop(Stop::Cancelled);
        Err(Ended::new(RunErrorKind::Cancelled, "was cancelled"))
    };
    let overdue = async {
        match run.deadline.get() {
            Some(deadline) => {
                let left = deadline.saturating_duration_since(run.core.tracer.now());
                tokio::time::sleep(left).await;
            }
            None => std::future::pending().await,
        }
        run.stop(Stop::Deadline);
        let limit = run.core.deadline.unwrap_or_default();
        Err(Ended::new(
            RunErrorKind::Deadline,
            format!("took longer than its deadline of {limit:?}"),
        ))
    };
    tokio::select! {
        biased;
        ended = cancelled => ended,
        ended = overdue => ended,
        result = flow(run, input) => result,
    }
}

async fn flow(run: &Arc<RunState>, input: Shared) -> Result<Shared, Ended> {
    let mut progress = Progress::new(&run.core, input);
    let mut running = FuturesUnordered::new();
    loop {
        let ready = progress.take_ready();
        running
            .extend(ready.into_iter().map(|(step, given)| run_step(Arc::clone(run), step, given)));
        let Some((step, outcome)) = running.next().await else { break };
        match outcome {
            Outcome::Gave(output, routes) => progress.ended(step, Some(output), &routes),
            Outcome::GaveNothing(routes) => progress.ended(step, None, &routes),
            Outcome::Failed(failure) => {
                run.stop(Stop::Ended);
                let message = failure.to_string();
                return Err(Ended {
                    kind: RunErrorKind::Step,
                    step: Some((step, failure)),
                    message,
                });
            }
        }
        if let Some(step) = progress.failed_at() {
            run.stop(Stop::Ended);
            let message = format!(
                "ended as a failure after step `{}`, as its flow says",
                run.core.plans[step].name
            );
            return Err(Ended::new(RunErrorKind::EndedInFailure, message));
        }
    }
    for step in progress.skipped() {
        run.core.metrics.steps[step].ended(StepStatus::Skipped);
        run.report(StepReport::skipped(&run.core.plans[step].name));
    }
    progress.into_output().ok_or_else(|| {
        let message = format!(
            "came to its end, but no step gave its output, a `{}`; lead every branch to a step that does, or end it by `Flow::FAILURE`",
            run.core.output.name()
        );
        Ended::new(RunErrorKind::NoOutput, message)
    })
}

//! Runs the steps of a flow, several at a time.

use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::contain::Contained;
use super::failure::Failure;
use super::progress::Progress;
use super::report::StepReport;
use super::step::{Outcome, run_step};
use super::streams::Streams;
use super::{RunErrorKind, RunState};
use crate::data::Shared;
use crate::{Flow, StepStatus, error_type};

/// After so many steps that were ready at once, others get their turn on the thread.
const STEPS_PER_TURN: u64 = 64;

/// Why a run has no output.
pub(crate) struct Ended {
    pub(crate) kind: RunErrorKind,
    /// The step that ended it, where one did.
    pub(crate) step: Option<usize>,
    pub(crate) failure: Failure,
}

impl Ended {
    pub(crate) fn new(kind: RunErrorKind, failure: Failure) -> Self {
        Self { kind, step: None, failure }
    }

    fn by_step(step: usize, failure: Failure) -> Self {
        Self { kind: RunErrorKind::Step, step: Some(step), failure }
    }

    fn cancelled() -> Self {
        Self::new(RunErrorKind::Cancelled, Failure::new(error_type::CANCELLED, "was cancelled"))
    }

    fn overdue(run: &RunState) -> Self {
        let limit = run.core.deadline.unwrap_or_default();
        let message = format!("took longer than its deadline of {limit:?}");
        Self::new(RunErrorKind::Deadline, Failure::new(error_type::TIMEOUT, message))
    }

    fn in_failure(run: &RunState, step: usize) -> Self {
        let name = run.core.plans[step].name.escape_debug();
        let message = format!("ended as a failure after step `{name}`, as its flow says");
        Self::new(RunErrorKind::EndedInFailure, Failure::new(Flow::FAILURE, message))
    }

    pub(crate) fn without_output(run: &RunState) -> Self {
        let message = format!(
            "came to its end, but no step gave its output, a `{}`; lead every branch to a step that does, or end it by `Flow::FAILURE`",
            run.core.output.name()
        );
        Self::new(RunErrorKind::NoOutput, Failure::new(error_type::NO_OUTPUT, message))
    }
}

/// Runs the flow until it ends, the run is cancelled, or its time is over. All steps run inside this one future: when
/// it is dropped, so are they.
pub(crate) async fn execute(
    run: &Arc<RunState>,
    input: Shared,
    began: Instant,
) -> Result<Shared, Ended> {
    let cancelled = async {
        run.token.cancelled().await;
        Err(Ended::cancelled())
    };
    let overdue = async {
        match run.deadline.get() {
            Some(deadline) => {
                let left = deadline.saturating_duration_since(run.core.tracer.now());
                tokio::time::sleep(left).await;
            }
            None => std::future::pending().await,
        }
        // Said before the steps are dropped, so that they end as what they are.
        run.stop_overdue();
        Err(Ended::overdue(run))
    };
    tokio::select! {
        biased;
        ended = cancelled => ended,
        ended = overdue => ended,
        result = flow(run, input, began) => result,
    }
}

async fn flow(run: &Arc<RunState>, input: Shared, began: Instant) -> Result<Shared, Ended> {
    let mut progress = Progress::new(&run.core, input);
    let result = steps(run, &mut progress, began).await;
    for step in progress.skipped() {
        run.core.metrics.steps[step].ended(StepStatus::Skipped, None);
        run.report(StepReport::skipped(&run.core.plans[step].name));
    }
    result?;
    progress.into_output().ok_or_else(|| Ended::without_output(run))
}

/// Runs steps as they become ready, until there are none. Whatever ends it early is said to the run before the steps under
/// way are dropped with this future.
async fn steps(
    run: &Arc<RunState>,
    progress: &mut Progress<'_>,
    began: Instant,
) -> Result<(), Ended> {
    let mut running = FuturesUnordered::new();
    // The last reading of the clock, where nothing has happened since.
    let mut now = Some(began);
    for turn in 1_u64.. {
        // Steps that are always ready would never let anybody else ask.
        if run.token.is_cancelled() {
            return Err(Ended::cancelled());
        }
        if run.is_past_deadline() {
            run.stop_overdue();
            return Err(Ended::overdue(run));
        }
        if turn.is_multiple_of(STEPS_PER_TURN) {
            tokio::task::yield_now().await;
            now = None;
        }
        let mut ready = progress.take_ready();
        let mut streams = Streams::open(run, progress, &mut ready);
        // A step's end is the next one's start where no other step can have run in between.
        let since = now.filter(|_| running.is_empty() && ready.len() == 1);
        for (step, given) in ready {
            let work =
                Contained::new(run_step(Arc::clone(run), step, given, streams.outlet(step), since));
            running.push(async move { (step, work.await) });
        }
        let Some((step, outcome)) = running.next().await else { break };
        let outcome = outcome.map(|ended| {
            now = ended.at;
            ended.outcome
        });
        match outcome {
            Ok(Outcome::Gave(output, routes)) => progress.ended(step, Some(&output), &routes),
            Ok(Outcome::GaveNothing(routes)) => progress.ended(step, None, &routes),
            Ok(Outcome::Failed(failure)) => {
                run.stop();
                return Err(Ended::by_step(step, failure));
            }
            Err(panic) => {
                run.stop();
                return Err(Ended::by_step(step, Failure::panicked(panic)));
            }
        }
        if let Some(step) = progress.failed_at() {
            run.stop();
            return Err(Ended::in_failure(run, step));
        }
    }
    Ok(())
}

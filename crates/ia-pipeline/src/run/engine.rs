//! Runs the steps of a flow, several at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::contain::{Contained, Panic};
use super::failure::Failure;
use super::journal::Journal;
use super::pause::Pause;
use super::progress::Progress;
use super::ready::Ready;
use super::report::StepReport;
use super::resume::{Beginning, Replay};
use super::step::{Outcome, StepEnd, run_step};
use super::tasks::within;
use super::{RunErrorKind, RunState, ready};
use crate::data::Shared;
use crate::{BudgetExceeded, Flow, StepStatus, error_type};

/// After so many steps that were ready at once, others get their turn on the thread.
const STEPS_PER_TURN: u64 = 64;

/// Why a run has no output.
pub(crate) struct Ended {
    pub(crate) kind: RunErrorKind,
    /// The step that ended it, where one did.
    pub(crate) step: Option<usize>,
    pub(crate) failure: Failure,
    /// What it waits for, where it is paused.
    pub(crate) pauses: Vec<Pause>,
}

impl Ended {
    pub(crate) fn new(kind: RunErrorKind, failure: Failure) -> Self {
        Self { kind, step: None, failure, pauses: Vec::new() }
    }

    fn by_step(step: usize, failure: Failure) -> Self {
        let kind = match failure.refused {
            Some(_) => RunErrorKind::BudgetExceeded,
            None => RunErrorKind::Step,
        };
        Self { step: Some(step), ..Self::new(kind, failure) }
    }

    fn cancelled() -> Self {
        Self::new(RunErrorKind::Cancelled, Failure::new(error_type::CANCELLED, "was cancelled"))
    }

    fn overdue(run: &RunState) -> Self {
        let limit = run.core.deadline.unwrap_or_default();
        let message = format!("took longer than its deadline of {limit:?}");
        Self::new(RunErrorKind::Deadline, Failure::new(error_type::TIMEOUT, message))
    }

    fn over_budget(exceeded: BudgetExceeded) -> Self {
        Self::new(RunErrorKind::BudgetExceeded, Failure::over_budget(exceeded))
    }

    fn in_failure(run: &RunState, step: usize) -> Self {
        let name = run.core.plans[step].name.escape_debug();
        let message = format!("ended as a failure after step `{name}`, as its flow says");
        Self::new(RunErrorKind::EndedInFailure, Failure::new(Flow::FAILURE, message))
    }

    fn paused(pauses: Vec<Pause>) -> Self {
        let asked = pauses.iter().map(|pause| {
            format!("`{}` asks: {}", pause.step.escape_debug(), pause.question.escape_debug())
        });
        let message =
            format!("is paused until somebody answers: {}", asked.collect::<Vec<_>>().join("; "));
        Self {
            pauses,
            ..Self::new(RunErrorKind::Paused, Failure::new(error_type::PAUSED, message))
        }
    }

    fn unsaved(failure: Failure) -> Self {
        Self::new(RunErrorKind::Checkpoint, failure)
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
    beginning: Beginning,
    began: Instant,
) -> Result<Shared, Ended> {
    let Beginning { input, document, replay, .. } = beginning;
    let mut journal = Journal::of(run, &input, document, began).map_err(Ended::unsaved)?;
    let result = race(run, flow(run, input, journal.as_mut(), replay, began)).await;
    if let (Some(journal), Err(ended)) = (&mut journal, &result)
        && ended.kind != RunErrorKind::Checkpoint
    {
        within(run.core.task_grace, journal.close(run)).await;
    }
    result
}

/// Lets the flow run until it ends, the run is cancelled, its time is over, or it is over a budget.
async fn race(
    run: &Arc<RunState>,
    flow: impl Future<Output = Result<Shared, Ended>>,
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
    let over_budget = async {
        let exceeded = match &run.budgets {
            Some(budgets) => budgets.stop(&run.core.tracer, run.span()).await,
            None => std::future::pending().await,
        };
        run.stop_over_budget();
        Err(Ended::over_budget(exceeded))
    };
    tokio::select! {
        biased;
        ended = cancelled => ended,
        ended = overdue => ended,
        ended = over_budget => ended,
        result = flow => result,
    }
}

async fn flow(
    run: &Arc<RunState>,
    input: Shared,
    mut journal: Option<&mut Journal>,
    replay: Replay,
    began: Instant,
) -> Result<Shared, Ended> {
    let input = match &run.core.boundary {
        Some(boundary) => (boundary.enter)(input),
        None => input,
    };
    let mut progress = Progress::new(&run.core, input);
    let result = steps(run, &mut progress, journal.as_deref_mut(), replay, began).await;
    let pauses = journal.map(|journal| journal.pauses(run)).unwrap_or_default();
    if result.is_ok() && !pauses.is_empty() {
        return Err(Ended::paused(pauses));
    }
    for step in progress.skipped() {
        run.core.metrics.steps[step].ended(StepStatus::Skipped, None);
        run.report(StepReport::skipped(&run.core.plans[step].name));
    }
    result?;
    let mut outputs = progress.into_outputs();
    match &run.core.boundary {
        Some(boundary) if !outputs.is_empty() => {
            (boundary.leave)(outputs).map_err(|failure| Ended::new(RunErrorKind::NoOutput, failure))
        }
        // Where several steps give the output, the one added last wins.
        _ => outputs.pop().ok_or_else(|| Ended::without_output(run)),
    }
}

/// Runs steps as they become ready, until there are none. Whatever ends it early is said to the run before the steps under
/// way are dropped with this future.
async fn steps(
    run: &Arc<RunState>,
    progress: &mut Progress<'_>,
    mut journal: Option<&mut Journal>,
    mut replay: Replay,
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
        if let Some(exceeded) = run.over_budget() {
            run.stop_over_budget();
            return Err(Ended::over_budget(exceeded));
        }
        if turn.is_multiple_of(STEPS_PER_TURN) {
            tokio::task::yield_now().await;
            now = None;
        }
        let ready = ready::take(run, progress, journal.as_deref_mut(), &mut replay);
        if let Some(step) = progress.failed_at() {
            run.stop();
            return Err(Ended::in_failure(run, step));
        }
        // A step's end is the next one's start where no other step can have run in between.
        let is_single = running.is_empty() && ready.len() == 1;
        let since = now.filter(|_| is_single);
        let alone = is_single && journal.is_none() && !progress.has_pauses();
        let mut ready = ready.into_iter();
        // A step that is alone needs none of what several do.
        if alone && let Some(ready) = ready.next() {
            let (step, ended) = begin(run, ready, Duration::ZERO, since).await;
            let ended = ended.map_err(|panic| panicked(run, step, panic))?;
            now = ended.at;
            settle(run, progress, step, ended.outcome)?;
            continue;
        }
        for ready in ready {
            let pause = progress.take_pause(ready.step);
            running.push(begin(run, ready, pause, since.filter(|_| pause.is_zero())));
        }
        let Some(journal) = journal.as_deref_mut() else {
            let Some((step, ended)) = running.next().await else { break };
            let ended = ended.map_err(|panic| panicked(run, step, panic))?;
            now = ended.at;
            settle(run, progress, step, ended.outcome)?;
            continue;
        };
        now = None;
        tokio::select! {
            biased;
            saved = journal.saved(run), if journal.is_busy() => {
                let saved = saved.map_err(|failure| {
                    run.stop();
                    Ended::unsaved(failure)
                })?;
                for (step, outcome) in saved {
                    settle(run, progress, step, outcome)?;
                }
            }
            Some((step, ended)) = running.next() => {
                let ended = ended.map_err(|panic| panicked(run, step, panic))?;
                if matches!(ended.outcome, Outcome::Failed(_) | Outcome::Unsaved(_)) {
                    // It is not saved that it failed: resumed, the run tries it again.
                    settle(run, progress, step, ended.outcome)?;
                } else {
                    if ended.record.is_some() {
                        run.forget_answers(step);
                    }
                    journal.push(step, ended.outcome, ended.record);
                }
            }
            else => break,
        }
    }
    Ok(())
}

/// A step that begins, after a pause.
///
/// In a box that is made here: what makes it needs many times its size on the stack, which a pipeline that runs itself
/// inside a step would have as often as it does.
fn begin(
    run: &Arc<RunState>,
    ready: Ready,
    pause: Duration,
    since: Option<Instant>,
) -> Pin<Box<impl Future<Output = (usize, Result<StepEnd, Panic>)> + use<>>> {
    let step = ready.step;
    let work = Contained::new(run_step(Arc::clone(run), ready, since));
    Box::pin(async move {
        if !pause.is_zero() {
            // Boxed, so that steps that never wait are no larger.
            Box::pin(tokio::time::sleep(pause)).await;
        }
        (step, work.await)
    })
}

/// What the end of a step means for the run.
fn settle(
    run: &RunState,
    progress: &mut Progress<'_>,
    step: usize,
    outcome: Outcome,
) -> Result<(), Ended> {
    match outcome {
        Outcome::Gave(output, routes) => progress.ended(step, Some(&output), &routes),
        Outcome::GaveNothing(routes) => progress.ended(step, None, &routes),
        // What does not depend on it goes on; the journal has the question.
        Outcome::Paused { .. } => {}
        // Whatever it failed with, the run was to stop before: the next turn says so.
        Outcome::Failed(_) if run.over_budget().is_some() => {}
        Outcome::Failed(failure) => {
            run.stop();
            return Err(Ended::by_step(step, failure));
        }
        Outcome::Unsaved(failure) => {
            run.stop();
            return Err(Ended { step: Some(step), ..Ended::unsaved(failure) });
        }
    }
    if let Some(step) = progress.failed_at() {
        run.stop();
        return Err(Ended::in_failure(run, step));
    }
    Ok(())
}

fn panicked(run: &RunState, step: usize, panic: Panic) -> Ended {
    run.stop();
    Ended::by_step(step, Failure::panicked(panic))
}

//! One execution of a step: its permit, its attempts, its fallback.

mod attempt;
mod guard;

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use ia_tracing::Span;

use self::attempt::{Attempted, attempt};
use self::guard::StepGuard;
use super::contain::contain;
use super::failure::Failure;
use super::report::StepReport;
use super::routes::Routes;
use super::state::RunState;
use super::totals::Totals;
use crate::builder::{Input, StepPlan};
use crate::checkpoint::{SavedOutput, SavedStatus, StepRecord};
use crate::data::{Deliveries, Shared};
use crate::{StepStatus, checkpoint};

/// How a step ended, and when, where nothing of the user's has run since.
pub(crate) struct StepEnd {
    pub(crate) outcome: Outcome,
    pub(crate) at: Option<Instant>,
    /// For the checkpoint, where there is one and the step need not run again.
    pub(crate) record: Option<StepRecord>,
}

/// How a step ended, for the flow.
pub(crate) enum Outcome {
    Failed(Failure),
    Gave(Shared, Routes),
    /// It failed, and its policy lets the run go on.
    GaveNothing(Routes),
    /// It waits for the answer to its `number`-th question, and has spent something before it asked.
    Paused {
        number: u32,
        question: String,
        spent: checkpoint::Totals,
    },
    /// It ended well, but that cannot be saved.
    Unsaved(Failure),
}

/// What the attempts of one execution share.
pub(crate) struct StepScope {
    pub(crate) step: usize,
    pub(crate) span: Span,
    pub(crate) totals: Totals,
    attempts: AtomicU32,
    /// How many questions the attempt under way has asked.
    pub(crate) asked: AtomicU32,
    /// The number and the text of the one that is not answered.
    pub(crate) question: OnceLock<(u32, String)>,
    /// Whether all its attempts together took too long.
    overdue: AtomicBool,
    /// Nanoseconds that attempts took, waits between them left out.
    busy: AtomicU64,
}

/// Runs a step to its end. It begins at `since`, where the clock was read just now.
pub(crate) async fn run_step(
    run: Arc<RunState>,
    step: usize,
    given: Deliveries,
    since: Option<Instant>,
) -> StepEnd {
    let (plan, metrics) = (&run.core.plans[step], &run.core.metrics.steps[step]);
    let observed = run.core.is_observed();
    let (_permit, since) = match &run.core.step_permits {
        Some(permits) => {
            let began = since.unwrap_or_else(|| run.core.tracer.now());
            let queued = run.core.metrics.queued();
            let permit = permits.acquire().await;
            drop(queued);
            let now = run.core.tracer.now();
            metrics.waited(now.saturating_duration_since(began));
            (permit.ok(), Some(now))
        }
        None => (None, since),
    };
    let since = if observed { since.or_else(|| Some(run.core.tracer.now())) } else { None };
    let guard = StepGuard::start(&run, step, since);
    let kept = plan.stand_in.is_some().then(|| given.clone());
    let Answered { answer, at } = answer(&run, &guard.scope, plan, given, since).await;
    if let (Err(_), Some((number, question))) = (&answer, guard.scope.question.get()) {
        let (number, question) = (*number, question.clone());
        let spent = guard.scope.totals.saved();
        guard.pause(&question, at);
        let outcome = Outcome::Paused { number, question, spent };
        return StepEnd { outcome, at: None, record: None };
    }
    let result = answer.and_then(|(output, answered)| {
        let routes =
            contain(|| Routes::after(&run, step, &output)).map_err(Failure::panicked)??;
        Ok((output, answered, routes))
    });
    // Conditions are the user's, and may take their time.
    let at_end = at.filter(|_| !run.core.graph.asks_after(step));
    let (outcome, report) = match result {
        Ok((output, None, routes)) => {
            (Outcome::Gave(output, routes), guard.finish(StepStatus::Success, None, at))
        }
        Ok((output, Some(failure), routes)) => {
            let report = guard.finish(StepStatus::Fallback, Some(&failure), at);
            (Outcome::Gave(output, routes), report)
        }
        Err(failure) => {
            let report = guard.finish(StepStatus::Error, Some(&failure), at);
            if plan.policy.continue_on_error {
                (stood_in(&run, step, kept, &failure), report)
            } else {
                (Outcome::Failed(failure), report)
            }
        }
    };
    match record(&run, step, &outcome, &report) {
        Ok(record) => {
            run.report(report);
            StepEnd { outcome, at: at_end, record }
        }
        Err(failure) => {
            run.report(report);
            StepEnd { outcome: Outcome::Unsaved(failure), at: None, record: None }
        }
    }
}

/// What the checkpoint keeps of a step that ended and did not end the run.
fn record(
    run: &RunState,
    step: usize,
    outcome: &Outcome,
    report: &StepReport,
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
        totals: checkpoint::Totals {
            items: report.items,
            api_calls: report.api_calls,
            input_tokens: report.tokens.input(),
            output_tokens: report.tokens.output(),
            cost_nano_usd: report.cost.as_nanos(),
        },
    }))
}

/// How the flow goes on after a step whose failure does not end the run: as after any other where something stands in
/// for its output and the conditions can be asked about that, else by what asks nothing.
fn stood_in(run: &RunState, step: usize, given: Option<Deliveries>, failure: &Failure) -> Outcome {
    let output = run.core.plans[step]
        .stand_in
        .as_ref()
        .zip(given)
        .and_then(|(stand_in, given)| stand_in(given, failure));
    let Some(output) = output else {
        return Outcome::GaveNothing(Routes::without_output(run, step));
    };
    let routes = match contain(|| Routes::after(run, step, &output)) {
        Ok(Ok(routes)) => routes,
        Ok(Err(_)) | Err(_) => Routes::without_output(run, step),
    };
    Outcome::Gave(output, routes)
}

/// What a step or its fallback gave, and when.
struct Answered {
    answer: Answer,
    at: Option<Instant>,
}

/// An output, and the failure that a fallback answered.
type Answer = Result<(Shared, Option<Failure>), Failure>;

/// Tries the step, and then its fallback.
async fn answer(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    plan: &StepPlan,
    given: Deliveries,
    since: Option<Instant>,
) -> Answered {
    // A step that takes one value cannot choose between two.
    if matches!(plan.input, Input::One { .. })
        && given.iter().filter(|(_, delivery)| !delivery.is_absent()).count() > 1
    {
        return Answered { answer: Err(Failure::ambiguous_input()), at: since };
    }
    let kept = plan.fallback.is_some().then(|| given.clone());
    let attempts = attempts(run, scope, plan, given, since);
    let Attempted { result, at } = match plan.policy.total_timeout {
        Some(limit) => {
            let overdue = async {
                tokio::time::sleep(limit).await;
                // Said before the attempt is dropped, so that it ends as what it is.
                scope.overdue.store(true, Ordering::Relaxed);
            };
            tokio::select! {
                biased;
                attempted = attempts => attempted,
                () = overdue => Attempted { result: Err(Failure::timeout(limit)), at: None },
            }
        }
        None => attempts.await,
    };
    match (result, &plan.fallback, kept) {
        (Ok(output), ..) => Answered { answer: Ok((output, None)), at },
        (Err(failure), Some(fallback), Some(given)) if scope.question.get().is_none() => {
            let answered = attempt(run, scope, fallback, plan, given, None, at).await;
            let answer = match answered.result {
                Ok(output) => Ok((output, Some(failure))),
                Err(fallback) => Err(failure.and_fallback(&fallback)),
            };
            Answered { answer, at: answered.at }
        }
        (Err(failure), ..) => Answered { answer: Err(failure), at },
    }
}

async fn attempts(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    plan: &StepPlan,
    mut given: Deliveries,
    mut since: Option<Instant>,
) -> Attempted {
    let policy = &plan.policy;
    let mut number = 1;
    loop {
        let last = number > policy.retries;
        let given = if last { std::mem::take(&mut given) } else { given.clone() };
        let span = (policy.retries > 0).then_some(number);
        scope.attempts.fetch_add(1, Ordering::Relaxed);
        scope.asked.store(0, Ordering::Relaxed);
        let attempted = attempt(run, scope, &plan.step, plan, given, span, since.take()).await;
        if attempted.result.is_ok() || last || scope.question.get().is_some() {
            return attempted;
        }
        run.core.metrics.steps[scope.step].retried();
        let wait = policy.backoff.wait(number, fastrand::f64());
        if wait.is_zero() {
            // A step that fails at once, again and again, must let its time limits have their say.
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(wait).await;
        }
        number = number.saturating_add(1);
    }
}

//! One execution of a step: its permits, its attempts, its fallback.

mod admission;
mod attempt;
mod attempts;
mod guard;
mod permits;
mod record;
mod verdict;

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ia_tracing::Span;

use self::attempt::{Attempted, attempt};
use self::attempts::attempts;
use self::guard::StepGuard;
use self::permits::Permits;
pub(crate) use self::permits::SharedPermit;
use super::contain::contain;
use super::failure::Failure;
use super::ready::Ready;
use super::routes::Routes;
use super::state::RunState;
use super::totals::Totals;
use crate::StepStatus;
use crate::builder::{Input, StepPlan};
use crate::checkpoint::StepRecord;
use crate::data::{Deliveries, Shared};
use crate::stream::Outlet;

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
    /// It waits for the answer to its `number`-th question.
    Paused {
        number: u32,
        question: String,
    },
    /// It ended well, but that cannot be saved.
    Unsaved(Failure),
}

/// What the attempts of one execution share.
pub(crate) struct StepScope {
    pub(crate) step: usize,
    pub(crate) span: Span,
    pub(crate) totals: Totals,
    /// Where it puts its items, if it yields a stream.
    pub(crate) outlet: Option<Outlet>,
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

impl StepScope {
    /// The question that the step waits for, where it failed because nobody has answered it: it returned an error after it
    /// had asked. A panic and a time limit have nothing to do with it.
    fn asks(&self, answer: &Answer) -> Option<&(u32, String)> {
        self.question.get().filter(|_| answer.as_ref().is_err_and(|failure| self.waits(failure)))
    }

    /// Whether the attempt failed because it waits for an answer: an attempt that did not ask does not.
    fn waits(&self, failure: &Failure) -> bool {
        let asked = self.asked.load(Ordering::Relaxed);
        let has_asked = |(number, _): &(u32, String)| *number < asked;
        failure.source.is_some() && self.question.get().is_some_and(has_asked)
    }
}

/// Runs a step to its end. It begins at `since`, where the clock was read just now.
pub(crate) async fn run_step(run: Arc<RunState>, ready: Ready, since: Option<Instant>) -> StepEnd {
    let Ready { step, given, outlet } = ready;
    let (plan, metrics) = (&run.core.plans[step], &run.core.metrics.steps[step]);
    let observed = run.core.is_observed();
    let (_permits, waited) =
        Permits::wait(&run, plan, outlet.as_ref(), &given, since).await.unzip();
    let since = waited.map_or(since, |waited| Some(waited.until));
    let waited = waited.map(|waited| waited.time);
    // With a rate limit, the first attempt has more to wait for.
    if let Some(waited) = waited.filter(|_| plan.policy.rate_limit.is_none()) {
        metrics.waited(waited);
    }
    let since = if observed { since.or_else(|| Some(run.core.tracer.now())) } else { None };
    let guard = StepGuard::start(&run, step, outlet, since);
    let kept = plan.stand_in.is_some().then(|| given.clone());
    let Answered { answer, at } =
        answer(&run, &guard.scope, plan, given, since, waited.unwrap_or_default()).await;
    if let Some((number, question)) = guard.scope.asks(&answer) {
        let (number, question) = (*number, question.clone());
        guard.pause(&question, at);
        let outcome = Outcome::Paused { number, question };
        return StepEnd { outcome, at: None, record: None };
    }
    let result = answer.and_then(|(output, answered)| {
        let routes =
            contain(|| Routes::after(&run, step, &output)).map_err(Failure::panicked)??;
        Ok((output, answered, routes))
    });
    let totals = guard.scope.totals.saved();
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
            if plan.policy.continue_on_error && !failure.ends_run() {
                (stood_in(&run, step, kept, &failure), report)
            } else {
                (Outcome::Failed(failure), report)
            }
        }
    };
    match record::of(&run, step, &outcome, &report, totals) {
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
    waited: Duration,
) -> Answered {
    // A step that takes one value cannot choose between two.
    if matches!(plan.input, Input::One { .. })
        && given.iter().filter(|(_, delivery)| !delivery.is_absent()).count() > 1
    {
        return Answered { answer: Err(Failure::ambiguous_input()), at: since };
    }
    let kept = plan.fallback.is_some().then(|| given.clone());
    let attempts = attempts(run, scope, plan, given, since, waited);
    let Attempted { result, at, .. } = match plan.policy.total_timeout {
        Some(limit) => {
            let overdue = async {
                tokio::time::sleep(limit).await;
                // Said before the attempt is dropped, so that it ends as what it is.
                scope.overdue.store(true, Ordering::Relaxed);
            };
            tokio::select! {
                biased;
                attempted = attempts => attempted,
                () = overdue => Attempted::refused(Failure::timeout(limit)),
            }
        }
        None => attempts.await,
    };
    match (result, &plan.fallback, kept) {
        (Ok(output), ..) => Answered { answer: Ok((output, None)), at },
        (Err(failure), Some(fallback), Some(given))
            if !scope.waits(&failure) && !failure.ends_run() && run.over_budget().is_none() =>
        {
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

//! One execution of a step: its permit, its attempts, its fallback.

mod attempt;
mod guard;
mod permit;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use ia_tracing::Span;

use self::attempt::{Attempted, attempt};
use self::guard::StepGuard;
use self::permit::Permit;
pub(crate) use self::permit::SharedPermit;
use super::contain::contain;
use super::failure::Failure;
use super::routes::Routes;
use super::state::RunState;
use super::totals::Totals;
use crate::StepStatus;
use crate::builder::{Input, StepPlan};
use crate::data::{Deliveries, Shared};
use crate::stream::Outlet;

/// How a step ended, and when, where nothing of the user's has run since.
pub(crate) struct StepEnd {
    pub(crate) outcome: Outcome,
    pub(crate) at: Option<Instant>,
}

/// How a step ended, for the flow.
pub(crate) enum Outcome {
    Failed(Failure),
    Gave(Shared, Routes),
    /// It failed, and its policy lets the run go on.
    GaveNothing(Routes),
}

/// What the attempts of one execution share.
pub(crate) struct StepScope {
    pub(crate) step: usize,
    pub(crate) span: Span,
    pub(crate) totals: Totals,
    /// Where it puts its items, if it yields a stream.
    pub(crate) outlet: Option<Outlet>,
    attempts: AtomicU32,
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
    outlet: Option<Outlet>,
    since: Option<Instant>,
) -> StepEnd {
    let (plan, metrics) = (&run.core.plans[step], &run.core.metrics.steps[step]);
    let observed = run.core.is_observed();
    let (_permit, since) = match &run.core.step_permits {
        Some(permits) => {
            let began = since.unwrap_or_else(|| run.core.tracer.now());
            let queued = run.core.metrics.queued();
            let permit = Permit::acquire(&run, permits, outlet.as_ref(), &given).await;
            drop(queued);
            let now = run.core.tracer.now();
            metrics.waited(now.saturating_duration_since(began));
            (Some(permit), Some(now))
        }
        None => (None, since),
    };
    let since = if observed { since.or_else(|| Some(run.core.tracer.now())) } else { None };
    let guard = StepGuard::start(&run, step, outlet, since);
    let Answered { answer, at } = answer(&run, &guard.scope, plan, given, since).await;
    let result = answer.and_then(|(output, answered)| {
        let routes =
            contain(|| Routes::after(&run, step, &output)).map_err(Failure::panicked)??;
        Ok((output, answered, routes))
    });
    let outcome = match result {
        Ok((output, None, routes)) => {
            guard.finish(StepStatus::Success, None, at);
            Outcome::Gave(output, routes)
        }
        Ok((output, Some(failure), routes)) => {
            guard.finish(StepStatus::Fallback, Some(&failure), at);
            Outcome::Gave(output, routes)
        }
        Err(failure) => {
            guard.finish(StepStatus::Error, Some(&failure), at);
            if plan.policy.continue_on_error {
                Outcome::GaveNothing(Routes::without_output(&run, step))
            } else {
                Outcome::Failed(failure)
            }
        }
    };
    // Conditions are the user's, and may take their time.
    StepEnd { outcome, at: at.filter(|_| !run.core.graph.asks_after(step)) }
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
        (Err(failure), Some(fallback), Some(given)) => {
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
        let attempted = attempt(run, scope, &plan.step, plan, given, span, since.take()).await;
        if attempted.result.is_ok() || last {
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

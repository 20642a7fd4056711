//! One execution of a step: its permit, its attempts, its fallback.

mod attempt;
mod guard;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use ia_tracing::Span;

use self::attempt::attempt;
use self::guard::StepGuard;
use super::contain::contain;
use super::failure::Failure;
use super::routes::Routes;
use super::state::RunState;
use super::totals::Totals;
use crate::StepStatus;
use crate::builder::{Input, StepPlan};
use crate::data::{Deliveries, Shared};

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
    pub(crate) span: Arc<Span>,
    pub(crate) totals: Totals,
    attempts: AtomicU32,
    /// Whether all its attempts together took too long.
    overdue: AtomicBool,
    /// Nanoseconds that attempts took, waits between them left out.
    busy: AtomicU64,
}

/// Runs a step to its end.
pub(crate) async fn run_step(run: Arc<RunState>, step: usize, given: Deliveries) -> Outcome {
    let (plan, metrics) = (&run.core.plans[step], &run.core.metrics.steps[step]);
    let _permit = match &run.core.step_permits {
        Some(permits) => {
            let since = run.core.tracer.now();
            let queued = run.core.metrics.queue_depth.in_flight();
            let permit = permits.acquire().await;
            drop(queued);
            metrics.queue_wait.observe(run.core.tracer.now().saturating_duration_since(since));
            permit.ok()
        }
        None => None,
    };
    let guard = StepGuard::start(&run, step);
    let answer = answer(&run, &guard.scope, plan, given).await;
    let result = answer.and_then(|(output, answered)| {
        let routes =
            contain(|| Routes::after(&run, step, &output)).map_err(Failure::panicked)??;
        Ok((output, answered, routes))
    });
    match result {
        Ok((output, None, routes)) => {
            guard.finish(StepStatus::Success, None);
            Outcome::Gave(output, routes)
        }
        Ok((output, Some(failure), routes)) => {
            guard.finish(StepStatus::Fallback, Some(&failure));
            Outcome::Gave(output, routes)
        }
        Err(failure) => {
            guard.finish(StepStatus::Error, Some(&failure));
            if plan.policy.continue_on_error {
                Outcome::GaveNothing(Routes::without_output(&run, step))
            } else {
                Outcome::Failed(failure)
            }
        }
    }
}

/// An output, and the failure that a fallback answered.
type Answer = Result<(Shared, Option<Failure>), Failure>;

/// Tries the step, and then its fallback.
async fn answer(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    plan: &StepPlan,
    given: Deliveries,
) -> Answer {
    // A step that takes one value cannot choose between two.
    if matches!(plan.input, Input::One { .. })
        && given.iter().filter(|(_, delivery)| !delivery.is_absent()).count() > 1
    {
        return Err(Failure::ambiguous_input());
    }
    let kept = plan.fallback.is_some().then(|| given.clone());
    let attempts = attempts(run, scope, plan, given);
    let result = match plan.policy.total_timeout {
        Some(limit) => {
            let overdue = async {
                tokio::time::sleep(limit).await;
                // Said before the attempt is dropped, so that it ends as what it is.
                scope.overdue.store(true, Ordering::Relaxed);
            };
            tokio::select! {
                biased;
                result = attempts => result,
                () = overdue => Err(Failure::timeout(limit)),
            }
        }
        None => attempts.await,
    };
    match (result, &plan.fallback, kept) {
        (Ok(output), ..) => Ok((output, None)),
        (Err(failure), Some(fallback), Some(given)) => {
            let answered = attempt(run, scope, fallback, plan, given, None).await;
            match answered {
                Ok(output) => Ok((output, Some(failure))),
                Err(fallback) => Err(failure.and_fallback(&fallback)),
            }
        }
        (Err(failure), ..) => Err(failure),
    }
}

async fn attempts(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    plan: &StepPlan,
    mut given: Deliveries,
) -> Result<Shared, Failure> {
    let policy = &plan.policy;
    let mut number = 1;
    loop {
        let last = number > policy.retries;
        let given = if last { std::mem::take(&mut given) } else { given.clone() };
        let span = (policy.retries > 0).then_some(number);
        scope.attempts.fetch_add(1, Ordering::Relaxed);
        let result = attempt(run, scope, &plan.step, plan, given, span).await;
        if result.is_ok() || last {
            return result;
        }
        run.core.metrics.steps[scope.step].retries.inc();
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

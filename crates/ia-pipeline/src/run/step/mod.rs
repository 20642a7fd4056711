//! One execution of a step: its permit, its attempts, its fallback.

mod attempt;
mod guard;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ia_tracing::Span;

use self::attempt::attempt;
use self::guard::StepGuard;
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
    /// Nanoseconds that attempts took, waits between them left out.
    busy: AtomicU64,
}

/// Runs a step to its end.
pub(crate) async fn run_step(
    run: Arc<RunState>,
    step: usize,
    given: Deliveries,
) -> (usize, Outcome) {
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
    let outcome = attempts_within_total_timeout(&run, &guard.scope, plan, given).await;
    let result = match outcome {
        Ok((output, answered)) => {
            match std::panic::catch_unwind(AssertUnwindSafe(|| Routes::after(&run, step, &output)))
            {
                Ok(Ok(routes)) => Ok((output, answered, routes)),
                Ok(Err(failure)) => Err(failure),
                Err(payload) => Err(Failure::panicked(payload.as_ref())),
            }
        }
        Err(failure) => Err(failure),
    };
    match result {
        Ok((output, None, routes)) => {
            guard.finish(StepStatus::Success, None);
            (step, Outcome::Gave(output, routes))
        }
        Ok((output, Some(failure), routes)) => {
            guard.finish(StepStatus::Fallback, Some(&failure));
            (step, Outcome::Gave(output, routes))
        }
        Err(failure) => {
            guard.finish(StepStatus::Error, Some(&failure));
            if plan.policy.continue_on_error {
                (step, Outcome::GaveNothing(Routes::without_output(&run, step)))
            } else {
                (step, Outcome::Failed(failure))
            }
        }
    }
}

/// An output, and the failure that a fallback answered.
type Answer = Result<(Shared, Option<Failure>), Failure>;

async fn attempts_within_total_timeout(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    plan: &StepPlan,
    given: Deliveries,
) -> Answer {
    // A step that takes one value cannot choose between two.
    if matches!(plan.input, Input::One { .. })
        && given.iter().filter(|(_, delivery)| !delivery.is_absent()).count() > 1
    {
        return Err(Failure::AmbiguousInput);
    }
    let kept = plan.fallback.is_some().then(|| given.clone());
    let attempts = attempts(run, scope, plan, given);
    let result = match plan.policy.total_timeout {
        Some(limit) => {
            tokio::time::timeout(limit, attempts).await.unwrap_or(Err(Failure::Timeout(limit)))
        }
        None => attempts.await,
    };
    match (result, &plan.fallback, kept) {
        (Ok(output), ..) => Ok((output, None)),
        (Err(failure), Some(fallback), Some(given)) => {
            let answered = attempt(run, scope, fallback, plan, given, None).await;
            match answered {
                Ok(output) => Ok((output, Some(failure))),
                Err(fallback) => {
                    Err(Failure::Fallback { own: Box::new(failure), fallback: Box::new(fallback) })
                }
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
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        number += 1;
    }
}

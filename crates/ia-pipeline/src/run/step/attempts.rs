//! The attempts of one execution of a step.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::StepScope;
use super::admission::Admission;
use super::attempt::{Attempted, attempt};
use crate::Policy;
use crate::builder::StepPlan;
use crate::data::Deliveries;
use crate::policy::Retry;
use crate::run::state::RunState;

/// Tries until an attempt succeeds, its failure is not worth another, or there may be no more. The first begins at `since`,
/// where that was read just now, after the step has `waited` for its permits.
pub(super) async fn attempts(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    plan: &StepPlan,
    mut given: Deliveries,
    mut since: Option<Instant>,
    mut waited: Duration,
) -> Attempted {
    let policy = &plan.policy;
    let mut number = 1;
    // What a step failed with before, where there may be no further attempt although one is left.
    let mut before: Option<Box<Attempted>> = None;
    loop {
        let admission = if policy.admits() {
            // In a box, so that the futures of steps without limits are no larger for it.
            let ask = Admission::ask(run, scope, policy, std::mem::take(&mut waited));
            match Box::pin(ask).await {
                Ok(admission) => Some(Box::new(admission)),
                Err(refused) => {
                    scope.span.add_bare_event(refused.error_type.clone());
                    return match before {
                        Some(before) => *before,
                        None => Attempted::refused(refused),
                    };
                }
            }
        } else {
            None
        };
        // It may have waited.
        let began = since.take().filter(|_| policy.rate_limit.is_none());
        let last = number > policy.retries;
        let given = if last { std::mem::take(&mut given) } else { given.clone() };
        let span = (policy.retries > 0).then_some(number);
        scope.attempts.fetch_add(1, Ordering::Relaxed);
        scope.asked.store(0, Ordering::Relaxed);
        if number > 1 {
            run.core.metrics.steps[scope.step].retried();
        }
        let attempted = attempt(run, scope, &plan.step, plan, given, span, began).await;
        if attempted.result.as_ref().is_err_and(|failure| scope.waits(failure)) {
            // It is to be made again once it is answered: until then it has neither succeeded nor failed.
            return attempted;
        }
        if let Some(admission) = admission {
            admission.ended(&attempted);
        }
        let verdict = attempted.verdict.filter(|_| !last && run.over_budget().is_none());
        let wait = verdict.and_then(|verdict| wait_after(policy, verdict.retry, number));
        let Some(wait) = wait.filter(|wait| may_go_on(run, policy, *wait)) else {
            return attempted;
        };
        before = policy.admits().then(|| Box::new(attempted));
        if wait.is_zero() {
            // A step that fails at once, again and again, must let its time limits have their say.
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(wait).await;
        }
        number = number.saturating_add(1);
    }
}

/// How long to wait after the failed attempt of this number; `None` where another is not worth it.
fn wait_after(policy: &Policy, retry: Retry, number: u32) -> Option<Duration> {
    match retry {
        Retry::Backoff => Some(policy.backoff.wait(number, fastrand::f64())),
        Retry::Asked(wait) => Some(policy.backoff.asked(wait)),
        Retry::No => None,
    }
}

/// Whether there is a point in waiting that long: not where the breaker will be open still.
fn may_go_on(run: &RunState, policy: &Policy, wait: Duration) -> bool {
    policy.breaker.as_ref().is_none_or(|breaker| {
        let then = run.core.tracer.now().checked_add(wait);
        then.is_none_or(|then| !breaker.is_open_at(then))
    })
}

//! One execution of a step: its permit, its attempts, its fallback, and what is recorded of them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use ia_tracing::{ERROR_TYPE, Instrument, Span, Status};

use super::failure::Failure;
use super::report::StepReport;
use super::routes::Routes;
use super::state::{RunState, Stop};
use super::totals::Totals;
use crate::build::{Input, StepPlan};
use crate::data::{Deliveries, Shared};
use crate::metrics::StepMetrics;
use crate::step::ErasedStep;
use crate::{StepContext, StepStatus};

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
            guard.finish(StepStatus::Success, None, metrics);
            (step, Outcome::Gave(output, routes))
        }
        Ok((output, Some(failure), routes)) => {
            guard.finish(StepStatus::Fallback, Some(&failure), metrics);
            (step, Outcome::Gave(output, routes))
        }
        Err(failure) => {
            guard.finish(StepStatus::Error, Some(&failure), metrics);
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

/// One attempt, in a span of its own where `number` says which it is.
async fn attempt(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    step: &Arc<dyn ErasedStep>,
    plan: &StepPlan,
    given: Deliveries,
    number: Option<u32>,
) -> Result<Shared, Failure> {
    let guard = AttemptGuard::start(run, scope, number);
    let ctx = StepContext::new(
        Arc::clone(run),
        Arc::clone(scope),
        Arc::clone(&guard.span),
        number.unwrap_or(1),
    );
    let call = async {
        // The flow starts a step only when it has what it needs.
        let input = plan.input.assemble(given).ok_or(Failure::AmbiguousInput)?;
        step.call(ctx, input).await.map_err(Failure::Error)
    };
    let call = AssertUnwindSafe(call.with_context(guard.span.context())).catch_unwind();
    let result = match plan.policy.timeout {
        Some(limit) => match tokio::time::timeout(limit, call).await {
            Ok(result) => result,
            Err(_) => Ok(Err(Failure::Timeout(limit))),
        },
        None => call.await,
    };
    let result = result.unwrap_or_else(|payload| Err(Failure::panicked(payload.as_ref())));
    guard.finish(result.as_ref().err(), plan);
    result
}

/// Sees to it that an execution of a step is counted once, whatever becomes of it.
struct StepGuard {
    run: Arc<RunState>,
    scope: Arc<StepScope>,
    finished: bool,
}

impl StepGuard {
    fn start(run: &Arc<RunState>, step: usize) -> Self {
        let name = run.core.plans[step].name.to_string();
        let span = run.core.tracer.span(name.clone()).parent(run.span().context());
        let span = span.attribute("pipeline.name", run.core.name.to_string());
        let span = span
            .attribute("pipeline.run_id", run.id.to_string())
            .attribute("step.name", name)
            .start();
        let scope = StepScope {
            step,
            span: Arc::new(span),
            totals: Totals::default(),
            attempts: AtomicU32::new(0),
            busy: AtomicU64::new(0),
        };
        Self { run: Arc::clone(run), scope: Arc::new(scope), finished: false }
    }

    fn finish(mut self, status: StepStatus, failure: Option<&Failure>, metrics: &StepMetrics) {
        let named = failure.map(|failure| {
            let plan = &self.run.core.plans[self.scope.step];
            (failure.error_type(&plan.classifiers).into_owned(), failure.to_string())
        });
        self.end(status, named, metrics);
    }

    fn end(
        &mut self,
        status: StepStatus,
        failure: Option<(String, String)>,
        metrics: &StepMetrics,
    ) {
        self.finished = true;
        let (scope, now) = (&self.scope, self.run.core.tracer.now());
        let duration = Duration::from_nanos(scope.busy.load(Ordering::Relaxed));
        metrics.ended(status);
        metrics.duration.observe(duration);
        let span = &scope.span;
        if span.is_recording() {
            span.set_attribute("step.status", status.as_str());
        }
        if let Some((error_type, message)) = &failure {
            if status != StepStatus::Cancelled {
                metrics.failed(error_type);
            }
            if status == StepStatus::Fallback {
                span.add_event(
                    "fallback",
                    [("error.type", error_type.clone()), ("exception.message", message.clone())],
                );
            } else {
                span.set_attribute(ERROR_TYPE, error_type.clone());
                span.set_status(Status::error(message.clone()));
            }
        }
        if matches!(status, StepStatus::Success | StepStatus::Fallback) {
            span.set_status(Status::Ok);
        }
        span.end_at(now);
        self.run.report(StepReport {
            name: span.name().to_owned(),
            status,
            attempts: scope.attempts.load(Ordering::Relaxed),
            duration,
            error_type: failure
                .map(|(error_type, _)| error_type)
                .filter(|_| status != StepStatus::Cancelled),
            items: scope.totals.items(),
            api_calls: scope.totals.api_calls(),
            tokens: scope.totals.tokens(),
            cost: scope.totals.cost(),
        });
    }
}

impl Drop for StepGuard {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let run = Arc::clone(&self.run);
        let metrics = &run.core.metrics.steps[self.scope.step];
        match run.stopped_by() {
            Stop::Deadline => {
                let failure = Failure::Timeout(run.core.deadline.unwrap_or_default());
                let named = (
                    failure.error_type(&[]).into_owned(),
                    "the run took longer than its deadline".to_owned(),
                );
                self.end(StepStatus::Error, Some(named), metrics);
            }
            Stop::Cancelled | Stop::Dropped | Stop::Ended => {
                self.end(
                    StepStatus::Cancelled,
                    Some(("cancelled".to_owned(), "cancelled".to_owned())),
                    metrics,
                );
            }
        }
    }
}

/// Adds the time of an attempt to its step, and ends the attempt's span where it has one.
struct AttemptGuard {
    run: Arc<RunState>,
    scope: Arc<StepScope>,
    span: Arc<Span>,
    own_span: bool,
    since: Instant,
    finished: bool,
}

impl AttemptGuard {
    fn start(run: &Arc<RunState>, scope: &Arc<StepScope>, number: Option<u32>) -> Self {
        let since = run.core.tracer.now();
        let span = match number {
            Some(number) => {
                let span =
                    run.core.tracer.span("attempt").parent(scope.span.context()).start_time(since);
                Arc::new(
                    span.attribute("step.name", scope.span.name().to_owned())
                        .attribute("attempt", number)
                        .start(),
                )
            }
            None => Arc::clone(&scope.span),
        };
        let (run, scope) = (Arc::clone(run), Arc::clone(scope));
        Self { run, scope, span, own_span: number.is_some(), since, finished: false }
    }

    fn finish(mut self, failure: Option<&Failure>, plan: &StepPlan) {
        self.finished = true;
        if self.own_span {
            match failure {
                Some(failure) => {
                    self.span.set_attribute(ERROR_TYPE, failure.error_type(&plan.classifiers));
                    self.span.set_status(Status::error(failure.to_string()));
                }
                None => self.span.set_status(Status::Ok),
            }
        }
    }
}

impl Drop for AttemptGuard {
    fn drop(&mut self) {
        let now = self.run.core.tracer.now();
        let nanos =
            u64::try_from(now.saturating_duration_since(self.since).as_nanos()).unwrap_or(u64::MAX);
        self.scope.busy.fetch_add(nanos, Ordering::Relaxed);
        if self.own_span {
            if !self.finished {
                self.span.set_status(Status::error("cancelled"));
            }
            self.span.end_at(now);
        }
    }
}

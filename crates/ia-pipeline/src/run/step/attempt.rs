//! One attempt of a step.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ia_tracing::{ERROR_TYPE, Instrument, Span, Status};

use super::StepScope;
use crate::StepContext;
use crate::builder::StepPlan;
use crate::data::{Deliveries, Shared};
use crate::error_type::{CANCELLED, TIMEOUT};
use crate::run::contain::Contained;
use crate::run::failure::Failure;
use crate::run::state::RunState;
use crate::step::ErasedStep;

/// One attempt, in a span of its own where `number` says which it is.
pub(super) async fn attempt(
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
        let input = plan.input.assemble(given).ok_or_else(Failure::ambiguous_input)?;
        step.call(ctx, input).await.map_err(|error| Failure::of(error, &plan.classifiers))
    };
    let call = Contained::new(call.with_context(guard.span.context()));
    let result = match plan.policy.timeout {
        Some(limit) => match tokio::time::timeout(limit, call).await {
            Ok(result) => result,
            Err(_) => Ok(Err(Failure::timeout(limit))),
        },
        None => call.await,
    };
    let result = result.unwrap_or_else(|panic| Err(Failure::panicked(panic)));
    guard.finish(result.as_ref().err());
    result
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

    fn finish(mut self, failure: Option<&Failure>) {
        self.finished = true;
        if self.own_span {
            match failure {
                Some(failure) => self.failed(failure.error_type.clone(), failure.message.clone()),
                None => self.span.set_status(Status::Ok),
            }
        }
    }

    fn failed(&self, error_type: Cow<'static, str>, message: String) {
        self.span.set_attribute(ERROR_TYPE, error_type);
        self.span.set_status(Status::error(message));
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
                let overdue = self.run.is_overdue() || self.scope.overdue.load(Ordering::Relaxed);
                let why = if overdue { TIMEOUT } else { CANCELLED };
                self.failed(Cow::Borrowed(why), why.to_owned());
            }
            self.span.end_at(now);
        }
    }
}

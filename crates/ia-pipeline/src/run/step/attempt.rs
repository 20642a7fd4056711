//! One attempt of a step.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use futures_util::future::Either;
use ia_tracing::{ERROR_TYPE, Instrument, Span, Status};

use super::StepScope;
use super::verdict::{Judged, Verdict};
use crate::StepContext;
use crate::attribution::{Attributed, Done, Work};
use crate::builder::StepPlan;
use crate::data::{Deliveries, Shared};
use crate::error_type::{CANCELLED, TIMEOUT};
use crate::policy::Retry;
use crate::run::contain::Contained;
use crate::run::failure::Failure;
use crate::run::state::RunState;
use crate::step::ErasedStep;

/// What an attempt came to, and when it ended where time was taken.
pub(super) struct Attempted {
    pub(super) result: Result<Shared, Failure>,
    /// On its failure, where it failed.
    pub(super) verdict: Option<Verdict>,
    pub(super) at: Option<Instant>,
}

impl Attempted {
    /// It may not be made, or not go on.
    pub(super) fn refused(failure: Failure) -> Self {
        Self { result: Err(failure), verdict: None, at: None }
    }
}

/// One attempt, in a span of its own where `number` says which it is. It begins at `since`, where that was read just now.
pub(super) async fn attempt(
    run: &Arc<RunState>,
    scope: &Arc<StepScope>,
    step: &Arc<dyn ErasedStep>,
    plan: &StepPlan,
    given: Deliveries,
    number: Option<u32>,
    since: Option<Instant>,
) -> Attempted {
    let guard = AttemptGuard::start(run, scope, number, since);
    let ctx = StepContext::new(
        Arc::clone(run),
        Arc::clone(scope),
        guard.own_span.clone(),
        number.unwrap_or(1),
    );
    let call = async {
        // The flow starts a step only when it has what it needs.
        let input = plan
            .input
            .assemble(given)
            .ok_or_else(|| Judged::new(Failure::ambiguous_input(), Retry::No))?;
        step.call(ctx, input).await.map_err(|error| Judged::of(error, plan, run))
    };
    let call = match guard.context() {
        Some(context) => Either::Left(call.with_context(context)),
        None => Either::Right(call),
    };
    let call = Contained::new(call);
    let work = Work::Attempt(scope.step);
    let call = Attributed::new(call, &*run.core.meter, work, guard.since);
    let (result, done) = match plan.policy.timeout {
        Some(limit) => tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            let overdue = Judged::new(Failure::timeout(limit), plan.policy.after_timeout());
            (Ok(Err(overdue)), None)
        }),
        None => call.await,
    };
    let result = result.unwrap_or_else(|panic| {
        Err(Judged::new(Failure::panicked(panic), plan.policy.after_panic()))
    });
    let verdict = result.as_ref().err().map(|judged| judged.verdict);
    let result = result.map_err(|judged| judged.failure);
    let at = guard.finish(result.as_ref().err(), done);
    Attempted { result, verdict, at }
}

/// Adds the time of an attempt to its step, and ends the attempt's span where it has one.
struct AttemptGuard<'a> {
    run: &'a RunState,
    scope: &'a StepScope,
    own_span: Option<Arc<Span>>,
    since: Option<Instant>,
    finished: bool,
}

impl<'a> AttemptGuard<'a> {
    fn start(
        run: &'a RunState,
        scope: &'a StepScope,
        number: Option<u32>,
        since: Option<Instant>,
    ) -> Self {
        let now = || run.core.is_observed().then(|| run.core.tracer.now());
        let since = since.or_else(now);
        let own_span = number.filter(|_| scope.span.is_recording()).map(|number| {
            let span = run.core.tracer.span("attempt").parent(scope.span.context());
            let span = match since {
                Some(since) => span.start_time(since),
                None => span,
            };
            let step = run.core.plans[scope.step].name.to_string();
            Arc::new(span.attribute("step.name", step).attribute("attempt", number).start())
        });
        Self { run, scope, own_span, since, finished: false }
    }

    /// What is current while the step works; `None` where it need not be set.
    fn context(&self) -> Option<ia_tracing::SpanContext> {
        let span = self.own_span.as_deref().unwrap_or(&self.scope.span);
        // Also where nothing is recorded, what the step starts belongs to what started the run.
        (span.is_recording() || self.run.parent.is_some()).then(|| span.context())
    }

    /// Ends the attempt, with a reading of the clock where there is one; when, where time was taken.
    fn finish(mut self, failure: Option<&Failure>, done: Option<Done>) -> Option<Instant> {
        self.finished = true;
        if let Some(span) = &self.own_span {
            match failure {
                Some(failure) => {
                    failed(span, failure.error_type.clone(), failure.message.clone());
                }
                None => span.set_status(Status::Ok),
            }
        }
        self.end(done)
    }

    fn end(&mut self, done: Option<Done>) -> Option<Instant> {
        let since = self.since.take()?;
        let now = done.map_or_else(|| self.run.core.tracer.now(), |done| done.at);
        let nanos = done.and_then(|done| done.nanos).unwrap_or_else(|| {
            let nanos = now.saturating_duration_since(since).as_nanos();
            u64::try_from(nanos).unwrap_or(u64::MAX)
        });
        self.scope.busy.fetch_add(nanos, Ordering::Relaxed);
        if let Some(span) = &self.own_span {
            span.end_at(now);
        }
        Some(now)
    }
}

impl Drop for AttemptGuard<'_> {
    fn drop(&mut self) {
        if let Some(span) = self.own_span.as_deref().filter(|_| !self.finished) {
            let overdue = self.scope.overdue.load(Ordering::Relaxed).then_some(TIMEOUT);
            let why = self.run.failing().or(overdue).unwrap_or(CANCELLED);
            failed(span, Cow::Borrowed(why), why.to_owned());
        }
        self.end(None);
    }
}

fn failed(span: &Span, error_type: Cow<'static, str>, message: String) {
    span.set_attribute(ERROR_TYPE, error_type);
    span.set_status(Status::error(message));
}

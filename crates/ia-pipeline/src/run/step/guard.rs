//! Sees to it that an execution of a step is counted once, whatever becomes of it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ia_tracing::{ERROR_TYPE, EXCEPTION_MESSAGE, Span, Status};

use super::StepScope;
use crate::StepStatus;
use crate::error_type::{CANCELLED, TIMEOUT};
use crate::run::failure::Failure;
use crate::run::report::StepReport;
use crate::run::state::RunState;
use crate::run::totals::Totals;
use crate::stream::Outlet;

/// A step under way. Dropped without [`finish`](Self::finish), it ended as the run says.
pub(super) struct StepGuard<'a> {
    run: &'a RunState,
    pub(super) scope: Arc<StepScope>,
    /// Whether time is taken: decided once, so that a step that is timed is timed to its end.
    timed: bool,
    finished: bool,
}

/// What a step failed with, as it is counted and told.
#[derive(Clone, Copy)]
struct Cause<'a> {
    error_type: &'a str,
    message: &'a str,
}

impl<'a> StepGuard<'a> {
    /// The step begins at `since`, where time is taken.
    pub(super) fn start(
        run: &'a RunState,
        step: usize,
        outlet: Option<Outlet>,
        since: Option<Instant>,
    ) -> Self {
        let scope = StepScope {
            step,
            span: span(run, step, since),
            totals: Totals::default(),
            outlet,
            attempts: AtomicU32::new(0),
            asked: AtomicU32::new(0),
            question: OnceLock::new(),
            overdue: AtomicBool::new(false),
            busy: AtomicU64::new(0),
        };
        Self { run, scope: Arc::new(scope), timed: since.is_some(), finished: false }
    }

    /// Counts how the step ended, `at` a reading of the clock where there is one, and tells of it.
    pub(super) fn finish(
        mut self,
        status: StepStatus,
        failure: Option<&Failure>,
        at: Option<Instant>,
    ) -> StepReport {
        let cause =
            failure.map(|Failure { error_type, message, .. }| Cause { error_type, message });
        self.end(status, cause, at)
    }

    /// Counts that the step asked a person: it has done what it could.
    pub(super) fn pause(mut self, question: &str, at: Option<Instant>) {
        let span = &self.scope.span;
        if span.is_recording() {
            span.add_event("paused", [("question", question.to_owned())]);
        }
        let report = self.end(StepStatus::Success, None, at);
        self.run.report(report);
    }

    fn end(
        &mut self,
        status: StepStatus,
        cause: Option<Cause<'_>>,
        at: Option<Instant>,
    ) -> StepReport {
        self.finished = true;
        let scope = &self.scope;
        self.run.has_taken(self.scope.step);
        // First, so that what has been sent is what has been counted.
        let outlet = scope.outlet.as_ref();
        let sent = outlet.map_or(0, |outlet| outlet.end(status == StepStatus::Success));
        let duration = Duration::from_nanos(scope.busy.load(Ordering::Relaxed));
        let metrics = &self.run.core.metrics.steps[scope.step];
        metrics.ended(status, self.timed.then_some(duration));
        // Who was cancelled has not failed.
        let error_type =
            cause.filter(|_| status != StepStatus::Cancelled).map(|cause| cause.error_type);
        if let Some(error_type) = error_type {
            metrics.failed(error_type);
        }
        if scope.span.is_recording() {
            describe(&scope.span, status, cause);
            scope.span.end_at(at.unwrap_or_else(|| self.run.core.tracer.now()));
        }
        StepReport {
            name: self.run.core.plans[scope.step].name.to_string(),
            status,
            attempts: scope.attempts.load(Ordering::Relaxed),
            duration,
            error_type: error_type.map(str::to_owned),
            items: scope.totals.items().saturating_add(sent),
            api_calls: scope.totals.api_calls(),
            tokens: scope.totals.tokens(),
            cost: scope.totals.cost(),
            restored: false,
        }
    }
}

impl Drop for StepGuard<'_> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let (status, error_type, message) = match self.run.failing() {
            Some(TIMEOUT) => (StepStatus::Error, TIMEOUT, "the run took longer than its deadline"),
            Some(failing) => (StepStatus::Error, failing, "the run exceeded its budget"),
            None => (StepStatus::Cancelled, CANCELLED, CANCELLED),
        };
        let report = self.end(status, Some(Cause { error_type, message }), None);
        self.run.report(report);
    }
}

/// The span of a step, a child of the run's.
fn span(run: &RunState, step: usize, since: Option<Instant>) -> Span {
    let parent = run.span().context();
    if !run.core.is_traced() {
        return Span::non_recording(parent);
    }
    let name = run.core.plans[step].name.to_string();
    let span = run.core.tracer.span(name.clone()).parent(parent);
    let span = match since {
        Some(since) => span.start_time(since),
        None => span,
    };
    span.attribute("pipeline.name", run.core.name.to_string())
        .attribute("pipeline.run_id", run.id.to_string())
        .attribute("step.name", name)
        .start()
}

/// Says on the span how the step ended.
fn describe(span: &Span, status: StepStatus, cause: Option<Cause<'_>>) {
    span.set_attribute("step.status", status.as_str());
    match cause {
        None => span.set_status(Status::Ok),
        Some(Cause { error_type, message }) if status == StepStatus::Fallback => {
            span.add_event(
                "fallback",
                [(ERROR_TYPE, error_type.to_owned()), (EXCEPTION_MESSAGE, message.to_owned())],
            );
            span.set_status(Status::Ok);
        }
        Some(Cause { error_type, message }) => {
            span.set_attribute(ERROR_TYPE, error_type.to_owned());
            span.set_status(Status::error(message.to_owned()));
        }
    }
}

//! Sees to it that an execution of a step is counted once, whatever becomes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use ia_tracing::{ERROR_TYPE, EXCEPTION_MESSAGE, Status};

use super::StepScope;
use crate::StepStatus;
use crate::error_type::{CANCELLED, TIMEOUT};
use crate::run::failure::Failure;
use crate::run::report::StepReport;
use crate::run::state::RunState;
use crate::run::totals::Totals;

/// A step under way. Dropped without [`finish`](Self::finish), it ended as the run says.
pub(super) struct StepGuard {
    run: Arc<RunState>,
    pub(super) scope: Arc<StepScope>,
    finished: bool,
}

impl StepGuard {
    pub(super) fn start(run: &Arc<RunState>, step: usize) -> Self {
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
            overdue: AtomicBool::new(false),
            busy: AtomicU64::new(0),
        };
        Self { run: Arc::clone(run), scope: Arc::new(scope), finished: false }
    }

    /// Counts how the step ended.
    pub(super) fn finish(mut self, status: StepStatus, failure: Option<&Failure>) {
        self.end(
            status,
            failure.map(|failure| (failure.error_type.to_string(), failure.message.clone())),
        );
    }

    fn end(&mut self, status: StepStatus, failure: Option<(String, String)>) {
        self.finished = true;
        let (scope, now) = (&self.scope, self.run.core.tracer.now());
        let duration = Duration::from_nanos(scope.busy.load(Ordering::Relaxed));
        let metrics = &self.run.core.metrics.steps[scope.step];
        metrics.ended(status);
        metrics.duration.observe(duration);
        self.describe(status, failure.as_ref());
        // Who was cancelled has not failed.
        let error_type =
            failure.map(|(error_type, _)| error_type).filter(|_| status != StepStatus::Cancelled);
        if let Some(error_type) = &error_type {
            metrics.failed(error_type);
        }
        scope.span.end_at(now);
        self.run.report(StepReport {
            name: scope.span.name().to_owned(),
            status,
            attempts: scope.attempts.load(Ordering::Relaxed),
            duration,
            error_type,
            items: scope.totals.items(),
            api_calls: scope.totals.api_calls(),
            tokens: scope.totals.tokens(),
            cost: scope.totals.cost(),
        });
    }

    /// Says on the span how the step ended.
    fn describe(&self, status: StepStatus, failure: Option<&(String, String)>) {
        let span = &self.scope.span;
        if !span.is_recording() {
            return;
        }
        span.set_attribute("step.status", status.as_str());
        match failure {
            None => span.set_status(Status::Ok),
            Some((error_type, message)) if status == StepStatus::Fallback => {
                span.add_event(
                    "fallback",
                    [(ERROR_TYPE, error_type.clone()), (EXCEPTION_MESSAGE, message.clone())],
                );
                span.set_status(Status::Ok);
            }
            Some((error_type, message)) => {
                span.set_attribute(ERROR_TYPE, error_type.clone());
                span.set_status(Status::error(message.clone()));
            }
        }
    }
}

impl Drop for StepGuard {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if self.run.is_overdue() {
            let message = "the run took longer than its deadline".to_owned();
            self.end(StepStatus::Error, Some((TIMEOUT.to_owned(), message)));
        } else {
            self.end(StepStatus::Cancelled, Some((CANCELLED.to_owned(), CANCELLED.to_owned())));
        }
    }
}

//! Sees to it that a run is counted once, whatever becomes of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ia_metrics_core::InFlight;
use ia_tracing::{ERROR_TYPE, Status};

use super::RunState;
use crate::RunStatus;

/// A run under way. Dropped without [`finish`](Self::finish), it was cancelled.
pub(crate) struct RunGuard {
    run: Arc<RunState>,
    phase: Phase,
}

/// How far a run has come. What is in flight is subtracted by being dropped.
enum Phase {
    Waiting { _queued: Option<InFlight> },
    Active { since: Instant, _active: Option<InFlight> },
    Finished,
}

impl RunGuard {
    /// The first poll: from here on the run counts.
    pub(crate) fn wait(run: Arc<RunState>) -> Self {
        // Its span starts here, waiting included.
        run.span();
        let queued = run.core.run_permits.as_ref().and_then(|_| run.core.metrics.queued());
        Self { run, phase: Phase::Waiting { _queued: queued } }
    }

    /// The run has its permit; when it began.
    pub(crate) fn start(&mut self) -> Instant {
        let since = self.run.core.tracer.now();
        if let Some(deadline) =
            self.run.core.deadline.and_then(|deadline| {
                since.checked_add(deadline.saturating_sub(self.run.active_before))
            })
        {
            self.run.deadline.get_or_init(|| deadline);
        }
        if let Some(budgets) = &self.run.budgets {
            budgets.begin(since, self.run.active_before);
        }
        self.phase = Phase::Active { since, _active: self.run.core.metrics.active() };
        since
    }

    /// Counts how the run ended; how long it took.
    pub(crate) fn finish(mut self, status: RunStatus, error: Option<(&str, &str)>) -> Duration {
        self.end(status, error)
    }

    fn end(&mut self, status: RunStatus, error: Option<(&str, &str)>) -> Duration {
        let now = self.run.core.tracer.now();
        let since = match std::mem::replace(&mut self.phase, Phase::Finished) {
            Phase::Waiting { .. } => now,
            Phase::Active { since, .. } => since,
            Phase::Finished => return Duration::ZERO,
        };
        let active = now.saturating_duration_since(since);
        let duration = self.run.active_before.saturating_add(active);
        self.run.core.metrics.ended(status, self.run.core.tracer.wall(now), duration);
        let (span, totals) = (self.run.span(), &self.run.totals);
        if span.is_recording() {
            span.set_attribute("pipeline.status", status.as_str());
            span.set_attribute("pipeline.items", totals.items());
            span.set_attribute("pipeline.api_calls", totals.api_calls());
            span.set_attribute("pipeline.cost_usd", totals.cost().as_f64());
            if let Some((error_type, message)) = error {
                span.set_attribute(ERROR_TYPE, error_type.to_owned());
                span.set_status(Status::error(message.to_owned()));
            } else {
                if status == RunStatus::Paused {
                    span.add_bare_event("paused");
                }
                span.set_status(Status::Ok);
            }
        }
        span.end_at(now);
        duration
    }
}

impl Drop for RunGuard {
    fn drop(&mut self) {
        self.end(RunStatus::Cancelled, Some(("cancelled", "cancelled")));
    }
}

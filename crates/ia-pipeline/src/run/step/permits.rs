//! What an execution of a step waits for before it begins, and keeps until it has ended.

use std::time::{Duration, Instant};

use tokio::sync::SemaphorePermit;

use crate::builder::StepPlan;
use crate::run::state::RunState;

/// The permits of one execution, given back when they are dropped.
pub(super) struct Permits<'a> {
    _of_pipeline: Option<SemaphorePermit<'a>>,
    _of_step: Option<SemaphorePermit<'a>>,
}

/// How long an execution has waited, and until when.
#[derive(Clone, Copy)]
pub(super) struct Waited {
    pub(super) time: Duration,
    pub(super) until: Instant,
}

impl<'a> Permits<'a> {
    /// Waits from `since` on for the permits that the step needs; `None` where it needs none.
    ///
    /// The narrower limit comes first: what waits in its queue leaves the broader one to other steps. Both are asked for in
    /// this order everywhere, so that no two wait for each other.
    pub(super) async fn wait(
        run: &'a RunState,
        plan: &'a StepPlan,
        since: Option<Instant>,
    ) -> Option<(Self, Waited)> {
        let (of_step, of_pipeline) = (&plan.permits, &run.core.step_permits);
        if of_step.is_none() && of_pipeline.is_none() {
            return None;
        }
        let began = since.unwrap_or_else(|| run.core.tracer.now());
        let queued = run.core.metrics.queued();
        let of_step = match of_step {
            Some(permits) => permits.acquire().await.ok(),
            None => None,
        };
        let of_pipeline = match of_pipeline {
            Some(permits) => permits.acquire().await.ok(),
            None => None,
        };
        drop(queued);
        let until = run.core.tracer.now();
        let waited = Waited { time: until.saturating_duration_since(began), until };
        Some((Self { _of_pipeline: of_pipeline, _of_step: of_step }, waited))
    }
}

//! What an execution of a step waits for before it begins, and keeps until it has ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::builder::StepPlan;
use crate::data::Deliveries;
use crate::pipeline::Core;
use crate::run::state::RunState;
use crate::stream::Outlet;

/// The permits of one execution, given back when they are dropped.
pub(super) struct Permits<'a> {
    _of_pipeline: Option<OfPipeline<'a>>,
    _of_step: Option<SemaphorePermit<'a>>,
}

/// How long an execution has waited, and until when.
#[derive(Clone, Copy)]
pub(super) struct Waited {
    pub(super) time: Duration,
    pub(super) until: Instant,
}

/// A permit of the pipeline.
#[expect(dead_code, reason = "it is held for its drop")]
enum OfPipeline<'a> {
    Own(Option<SemaphorePermit<'a>>),
    Shared(Option<Arc<SharedPermit>>),
}

/// One permit of the pipeline for all steps that streams connect.
pub(crate) struct SharedPermit(Arc<Core>);

impl<'a> Permits<'a> {
    /// Waits from `since` on for the permits that the step needs; `None` where it needs none.
    ///
    /// The narrower limit comes first: what waits in its queue leaves the broader one to other steps. Both are asked for in
    /// this order everywhere, so that no two wait for each other.
    pub(super) async fn wait(
        run: &'a RunState,
        plan: &'a StepPlan,
        outlet: Option<&Outlet>,
        given: &Deliveries,
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
            Some(permits) => Some(OfPipeline::acquire(run, permits, outlet, given).await),
            None => None,
        };
        drop(queued);
        let until = run.core.tracer.now();
        let waited = Waited { time: until.saturating_duration_since(began), until };
        Some((Self { _of_pipeline: of_pipeline, _of_step: of_step }, waited))
    }
}

impl<'a> OfPipeline<'a> {
    /// Waits for a permit.
    ///
    /// A step that yields a stream waits for the step that takes it, and then runs on its permit. So only a step that has
    /// everything it waits for but its streams waits for a permit of its own, and whatever those streams need to go on
    /// needs no other: nobody who holds a permit waits for somebody who waits for one.
    async fn acquire(
        run: &'a RunState,
        permits: &'a Semaphore,
        outlet: Option<&Outlet>,
        given: &Deliveries,
    ) -> Self {
        if outlet.is_none() && !given.iter().any(|(_, delivery)| delivery.is_stream()) {
            return Self::Own(permits.acquire().await.ok());
        }
        let lent = match outlet {
            Some(outlet) => outlet.lent().await,
            None => None,
        };
        let permit = match lent {
            Some(permit) => Some(permit),
            // It ends a stream, or nobody takes what it yields.
            None => permits.acquire().await.ok().map(|permit| SharedPermit::new(run, permit)),
        };
        if let Some(permit) = &permit {
            given.iter().for_each(|(_, delivery)| delivery.lend(permit));
        }
        Self::Shared(permit)
    }
}

impl SharedPermit {
    fn new(run: &RunState, permit: SemaphorePermit<'_>) -> Arc<Self> {
        permit.forget();
        Arc::new(Self(Arc::clone(&run.core)))
    }
}

impl Drop for SharedPermit {
    fn drop(&mut self) {
        if let Some(permits) = &self.0.step_permits {
            permits.add_permits(1);
        }
    }
}

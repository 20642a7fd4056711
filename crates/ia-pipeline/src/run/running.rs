//! A run as a future.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::contain::Contained;
use super::engine::{Ended, execute};
use super::error::Inner;
use super::failure::Failure;
use super::guard::RunGuard;
use super::resume::Beginning;
use super::tasks::within;
use super::{Run, RunError, RunErrorKind, RunId, RunState};
use crate::data::{Delivery, Shared};
use crate::pipeline::Core;
use crate::{Data, RunStatus};

/// A run under way: a future of a [`Run`] or a [`RunError`]. Made by [`Pipeline::run`](crate::Pipeline::run).
///
/// It owns all it needs, so it can be spawned as it is. Dropping it cancels the run: every step under way is dropped, and
/// the run is counted as cancelled. What those steps started by [`StepContext::spawn`](crate::StepContext::spawn) is
/// aborted, but nobody can wait for it then: cancel by a [`Canceller`] and await the run to know it gone. Polled again
/// after it has finished, it stays pending.
#[must_use = "a run does nothing until it is awaited or spawned"]
pub struct Running<O> {
    run: Arc<RunState>,
    /// `None` once it has finished.
    future: Option<BoxFuture<'static, Result<Run<O>, RunError>>>,
}

/// Cancels a run from elsewhere. Made by [`Running::canceller`].
#[derive(Clone, Debug)]
pub struct Canceller(CancellationToken);

impl Canceller {
    /// Cancels the run: its steps are dropped, and it ends with an error of kind
    /// [`Cancelled`](crate::RunErrorKind::Cancelled), once the tasks that they spawned are gone: see
    /// [`task_grace`](crate::PipelineBuilder::task_grace).
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

impl<O: Data> Running<O> {
    pub(crate) fn new(core: Arc<Core>, input: Shared) -> Self {
        Self::of(RunState::new(core), Beginning::anew(input))
    }

    /// A run that goes on.
    pub(crate) fn resumed(core: Arc<Core>, id: RunId, beginning: Beginning) -> Self {
        Self::of(RunState::resumed(core, id, &beginning), beginning)
    }

    fn of(run: RunState, beginning: Beginning) -> Self {
        let run = Arc::new(run);
        let future = Box::pin(drive(Arc::clone(&run), beginning));
        Self { run, future: Some(future) }
    }
}

impl<O> Running<O> {
    /// Cancels the run from elsewhere.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller(self.run.token.clone())
    }

    /// The identity of the run.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.run.id
    }
}

async fn drive<O: Data>(run: Arc<RunState>, beginning: Beginning) -> Result<Run<O>, RunError> {
    // Given back last, when the run is no longer counted as active.
    let mut permit;
    let mut guard = RunGuard::wait(Arc::clone(&run));
    permit = match &run.core.run_permits {
        Some(permits) => {
            tokio::select! {
                biased;
                () = run.token.cancelled() => None,
                permit = permits.acquire() => permit.ok(),
            }
        }
        None => None,
    };
    let began = guard.start();
    let result = Contained::new(async {
        let output = execute(&run, beginning, began).await?;
        let output = Delivery::new(run.core.output, Some(output)).take::<O>();
        output.ok_or_else(|| Ended::without_output(&run))
    });
    let result = result.await.unwrap_or_else(|panic| {
        run.stop();
        Err(Ended::new(RunErrorKind::Panic, Failure::panicked(panic)))
    });
    match result {
        Ok(output) => {
            let duration = guard.finish(RunStatus::Success, None);
            if let Some(checkpoints) = &run.core.checkpoints {
                drop(permit.take());
                // Nobody will resume it; one that stays behind does no harm.
                let removed = Contained::new(checkpoints.store.remove(run.id));
                within(run.core.task_grace, removed).await;
            }
            let totals = &run.totals;
            Ok(Run {
                output,
                duration,
                cost: totals.cost(),
                items: totals.items(),
                api_calls: totals.api_calls(),
                tokens: totals.tokens(),
                steps: run.take_reports(),
                id: run.id,
                trace_id: run.span().trace_id(),
            })
        }
        Err(ended) => {
            // Still active: what they count until they are gone belongs to the run.
            run.tasks.gone(run.core.task_grace).await;
            Err(failed(&run, guard, ended))
        }
    }
}

fn failed(run: &RunState, guard: RunGuard, ended: Ended) -> RunError {
    let Failure { error_type, message, source, .. } = ended.failure;
    let duration = match ended.kind {
        RunErrorKind::Cancelled => {
            guard.finish(RunStatus::Cancelled, Some((&error_type, &message)))
        }
        RunErrorKind::Paused => guard.finish(RunStatus::Paused, None),
        _ => guard.finish(RunStatus::Error, Some((&error_type, &message))),
    };
    RunError::new(Inner {
        kind: ended.kind,
        pipeline: run.core.name.to_string(),
        step: ended.step.map(|step| run.core.plans[step].name.to_string()),
        error_type: error_type.into_owned(),
        message,
        source,
        steps: run.take_reports(),
        pauses: ended.pauses,
        duration,
        cost: run.totals.cost(),
        id: run.id,
        trace_id: run.span().trace_id(),
    })
}

impl<O> Future for Running<O> {
    type Output = Result<Run<O>, RunError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        let result = future.as_mut().poll(cx);
        if result.is_ready() {
            self.future = None;
        }
        result
    }
}

impl<O> Drop for Running<O> {
    fn drop(&mut self) {
        if self.future.is_some() {
            // Before the steps are dropped, so that what they hold knows why.
            self.run.stop();
        }
    }
}

impl<O> fmt::Debug for Running<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("pipeline", &self.run.core.name)
            .field("id", &self.run.id)
            .finish_non_exhaustive()
    }
}

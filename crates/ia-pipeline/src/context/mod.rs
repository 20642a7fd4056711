//! What a step knows of its run, and what it tells about its work.

mod accounting;
mod api_call;
mod api_call_guard;
mod task;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use ia_metrics_core::Registry;
use ia_tracing::{Instrument, Span, Value, with_current_context};
use serde::de::DeserializeOwned;

pub use self::api_call::ApiCall;
pub use self::api_call_guard::ApiCallGuard;
pub use self::task::Task;
use crate::attribution::{Attributed, Work, attributed};
use crate::budget::{Amount, Ask, Cost, Hold};
use crate::run::{RunState, StepScope};
use crate::stream::Outlet;
use crate::{
    BudgetExceeded, MissingService, Paused, Reservation, RunId, Service, Sink, StepError, Usd,
};

/// What a step knows of its run, and what it tells about its work. Cheap to clone.
///
/// ```
/// use ia_pipeline::{Service, StepContext, Usage};
/// # #[derive(Debug, thiserror::Error)] #[error("no")] struct LlmError;
/// # struct Client; struct Reply { prompt: u64, completion: u64 }
/// # impl Client { async fn chat(&self, _: &[String]) -> Result<Reply, LlmError> { Ok(Reply { prompt: 1, completion: 1 }) } }
///
/// async fn summarise(ctx: StepContext, pages: Vec<String>, client: Service<Client>) -> Result<usize, LlmError> {
///     let call = ctx.api_call("openai").model("gpt-4o-mini").start(); // dropped on an error path: counted as failed
///     let reply = client.chat(&pages).await?;
///     call.finish(Usage::tokens(reply.prompt, reply.completion));
///     ctx.items(pages.len());
///     Ok(pages.len())
/// }
/// ```
#[derive(Clone)]
pub struct StepContext {
    run: Arc<RunState>,
    scope: Arc<StepScope>,
    /// The span of the attempt, where it has one of its own.
    attempt_span: Option<Arc<Span>>,
    attempt: u32,
}

impl StepContext {
    pub(crate) fn new(
        run: Arc<RunState>,
        scope: Arc<StepScope>,
        attempt_span: Option<Arc<Span>>,
        attempt: u32,
    ) -> Self {
        Self { run, scope, attempt_span, attempt }
    }

    /// Counts items as processed.
    pub fn items(&self, items: usize) {
        let items = items as u64;
        self.run.core.metrics.items(items);
        self.run.core.metrics.steps[self.scope.step].items(items);
        self.run.totals.add_items(items);
        self.scope.totals.add_items(items);
    }

    /// Adds a cost that is not that of a call, or that is known otherwise. A negative amount is refused, and noted as an
    /// event of the step's span: a cost that has been counted cannot be taken back. Sums stop at 9.2 billion dollars.
    pub fn cost(&self, cost: Usd) {
        let counted = self.count_cost(cost);
        Hold::nothing(&self.run).settle(Amount::new(counted, 0, 0));
    }

    /// Sets a cost aside in the run's [budget](crate::PipelineBuilder::budget), before it is made;
    /// [`settle`](Reservation::settle) it afterwards. For calls, see [`ApiCall::reserve`]. A negative amount is refused
    /// and noted, as by [`cost`](Self::cost), and nothing is reserved. Without a budget nothing is set aside, but the
    /// cost counts.
    ///
    /// # Errors
    ///
    /// [`BudgetExceeded`] where it does not fit, and the budget does not only warn: then nothing is set aside.
    pub fn reserve(&self, cost: Usd) -> Result<Reservation, BudgetExceeded> {
        let cost = self.not_negative(cost).unwrap_or(Usd::ZERO);
        let hold = Hold::new(&self.run, &Ask { tokens: 0, calls: 0, cost: Cost::Known(cost) })?;
        Ok(Reservation::new(self.clone(), hold, cost))
    }

    /// Describes a call of an outside service, to [`record`](ApiCall::record) it or to [`start`](ApiCall::start) timing
    /// it.
    pub fn api_call(&self, provider: impl Into<Cow<'static, str>>) -> ApiCall<'_> {
        ApiCall::new(self, provider.into())
    }

    /// The service of this type.
    ///
    /// # Errors
    ///
    /// [`MissingService`] where the pipeline was not given one. A step that takes the service as an argument has that
    /// checked when the pipeline is built.
    pub fn service<T: Send + Sync + 'static>(&self) -> Result<Service<T>, MissingService> {
        self.run.core.services.require()
    }

    /// What a person answers to this question. Not before it is answered: until then it is an error that the step is to
    /// return, and the run pauses, as soon as nothing else is left to do. [`Pipeline::resume_with`] brings the answer; the
    /// step then begins anew, and this gives the answer. Of several questions of one step, each is told apart by its
    /// turn.
    ///
    /// An answer that is no `A` is as none: the question is asked again by the same token, with what was wrong with the
    /// answer. In a loop, each round asks anew.
    ///
    /// ```
    /// use ia_pipeline::{MemoryStore, Pipeline, RunErrorKind, StepContext, StepError};
    ///
    /// async fn approve(ctx: StepContext, text: String) -> Result<String, StepError> {
    ///     let yes: bool = ctx.ask("Publish this?")?;
    ///     Ok(if yes { text } else { String::new() })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pipeline =
    ///     Pipeline::builder("news").step("approve", approve).checkpoint_store(MemoryStore::new()).build()?;
    /// let paused = pipeline.run("a text".to_owned()).await.unwrap_err();
    /// assert_eq!(paused.kind(), RunErrorKind::Paused);
    /// let token = paused.pauses()[0].token;
    /// let run = pipeline.resume_with(token, &true).await?.await?;
    /// assert_eq!(run.output, "a text");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Paused`], to be returned by the step: also in an error of its own, or in place of it.
    ///
    /// [`Pipeline::resume_with`]: crate::Pipeline::resume_with
    pub fn ask<A: DeserializeOwned>(&self, question: impl Into<String>) -> Result<A, Paused> {
        if self.run.core.checkpoints.is_none() {
            return Err(Paused::NoStore);
        }
        if self.scope.outlet.is_some() {
            return Err(Paused::Yields);
        }
        let number = self.scope.asked.fetch_add(1, Ordering::Relaxed);
        let mut question = question.into();
        if let Some(answer) = self.run.answer(self.scope.step, number) {
            match serde_json::from_str(answer.get()) {
                Ok(answer) => return Ok(answer),
                Err(error) => question = format!("{question} (the answer cannot be used: {error})"),
            }
        }
        self.scope.question.get_or_init(|| (number, question));
        Err(Paused::Waiting)
    }

    /// Resolves when the run ends before this step has: it was cancelled or dropped, it took too long, it exceeded its
    /// budget, or another step failed. The step itself need not wait for it, as it is dropped then: this is for work
    /// that it started elsewhere.
    pub async fn cancelled(&self) {
        self.run.token.cancelled().await;
    }

    /// Whether [`cancelled`](Self::cancelled) has resolved.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.run.token.is_cancelled()
    }

    /// How much time the run has left, of its deadline and of budgets that stop it; `None` where neither limits it.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let now = self.run.core.tracer.now();
        let deadline = self.run.deadline.get().map(|at| at.saturating_duration_since(now));
        let budget = self.run.budgets.as_ref().and_then(|budgets| budgets.time_left(now));
        deadline.into_iter().chain(budget).min()
    }

    /// Which attempt this is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The span of this attempt, which is that of the step where the step is not retried.
    pub fn span(&self) -> &Span {
        self.attempt_span.as_deref().unwrap_or(&self.scope.span)
    }

    /// Sets an attribute of the step's span.
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.scope.span.set_attribute(key, value);
    }

    /// Adds an event to the span of this attempt.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>) {
        self.span().add_bare_event(name);
    }

    /// Where the pipeline records its metrics, for metrics of the step's own: those of a test then stay in the test. It is
    /// switched off where the pipeline's telemetry is.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.run.core.registry
    }

    /// The name of the pipeline.
    #[must_use]
    pub fn pipeline_name(&self) -> &str {
        &self.run.core.name
    }

    /// The name of the step.
    #[must_use]
    pub fn step_name(&self) -> &str {
        &self.run.core.plans[self.scope.step].name
    }

    /// The identity of the run.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        self.run.id
    }

    /// Spawns a future on the tokio runtime, as a part of this step: its spans are children of the step's, and it is
    /// aborted when the [`Task`] is dropped, and so when the step is. A run that fails or is cancelled by its
    /// [`Canceller`](crate::Canceller) ends when it is gone, or after the pipeline's
    /// [`task_grace`](crate::PipelineBuilder::task_grace); one that is dropped cannot wait. Its CPU time and memory are
    /// the pipeline's.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let future = future.with_context(self.span().context());
        let meter = Arc::clone(&self.run.core.meter);
        let future = Attributed::new(future, meter, Work::Spawned, None);
        Task::new(tokio::spawn(self.run.tasks.track(future.map(|(output, _)| output))))
    }

    /// Calls a closure on a thread where it may take long or block, as a part of this step: its spans are children of the
    /// step's, its CPU time and memory are the pipeline's. A run waits for it as for what it spawned; but once it has begun
    /// nothing ends it, also not the drop of its [`Task`]. Dropped before that, it is never called.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn spawn_blocking<F, R>(&self, work: F) -> Task<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let work = attributed(Arc::clone(&self.run.core.meter), work);
        let token = self.run.tasks.token();
        let _current = self.span().enter();
        let work = with_current_context(move || {
            let _token = token;
            work()
        });
        Task::new(tokio::task::spawn_blocking(work))
    }

    /// Where the step puts its items, if it yields a stream. The build has seen to it that it does.
    pub(crate) fn sink<T: Send + 'static>(&self) -> Result<Sink<T>, StepError> {
        let sink = self.scope.outlet.as_ref().and_then(Outlet::sink);
        sink.ok_or_else(|| StepError::msg("the step was not added by `.stream(…)`"))
    }

    /// Counts a cost, but not in budgets; what was counted.
    pub(crate) fn count_cost(&self, cost: Usd) -> Usd {
        let Some(cost) = self.not_negative(cost) else { return Usd::ZERO };
        self.run.core.metrics.cost(cost);
        self.run.totals.add_cost(cost);
        self.scope.totals.add_cost(cost);
        cost
    }

    /// Notes a negative amount, which is none.
    pub(crate) fn not_negative(&self, cost: Usd) -> Option<Usd> {
        if cost < Usd::ZERO {
            self.span().add_event("negative_cost_refused", [("cost_usd", cost.as_f64())]);
            return None;
        }
        Some(cost)
    }

    /// A reading of the run's clock.
    pub(crate) fn now(&self) -> Instant {
        self.run.core.tracer.now()
    }

    pub(crate) fn run(&self) -> &Arc<RunState> {
        &self.run
    }

    pub(crate) fn scope(&self) -> &StepScope {
        &self.scope
    }
}

impl fmt::Debug for StepContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepContext")
            .field("pipeline", &self.pipeline_name())
            .field("step", &self.step_name())
            .field("run", &self.run.id)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

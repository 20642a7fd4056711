//! Builds pipelines.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::steps::{Empty, Steps, Typed};
use super::{BuildErrors, Settings};
use crate::data::Codec;
use crate::pipeline::Checkpoints;
use crate::{
    BudgetScope, CheckpointStore, CpuAccounting, Data, Flow, Instruments, IntoStep, JoinInput,
    Pipeline, Policy, PriceBook, Services,
};

/// Builds a [`Pipeline`]. Made by [`Pipeline::builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct PipelineBuilder<T = Empty> {
    steps: Steps<T>,
    settings: Settings,
    flow: Option<Flow>,
}

impl PipelineBuilder {
    pub(crate) fn new(name: String) -> Self {
        Self { steps: Steps::new(), settings: Settings::new(name), flow: None }
    }

    /// Adds the first step: where a run begins, unless a flow says otherwise.
    pub fn step<M, S: IntoStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> PipelineBuilder<Typed<S::In, S::In, S::Out>> {
        self.with_steps(|steps| steps.step(name, step))
    }

    /// Always the error that there are no steps.
    ///
    /// # Errors
    ///
    /// [`BuildError::EmptyPipeline`](crate::BuildError::EmptyPipeline), and whatever else is wrong.
    pub fn build(self) -> Result<Pipeline<(), ()>, BuildErrors> {
        Pipeline::check(self.steps, self.flow, self.settings)
    }
}

impl<First: Data, In: Data, Out: Data> PipelineBuilder<Typed<First, In, Out>> {
    /// Adds a step. What the last step gives is what a run gives.
    pub fn step<M, S: IntoStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> PipelineBuilder<Typed<First, S::In, S::Out>> {
        self.with_steps(|steps| steps.step(name, step))
    }

    /// Adds a step that receives what all its predecessors give: a tuple in the order of the edges, with `Option`s for
    /// those that may be skipped, or [`Inputs`](crate::Inputs).
    pub fn join<M, S>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> PipelineBuilder<Typed<First, S::In, S::Out>>
    where
        S: IntoStep<M>,
        S::In: JoinInput,
    {
        self.with_steps(|steps| steps.join(name, step))
    }

    /// Sets what happens when the step added last fails or takes too long. Defaults to [`Policy::new`].
    pub fn policy(self, policy: Policy) -> Self {
        self.with_steps(|steps| steps.policy(policy))
    }

    /// Sets what answers when the step added last has failed for good. It gets the same input. Defaults to nothing.
    pub fn fallback<M>(self, step: impl IntoStep<M, In = In, Out = Out>) -> Self {
        self.with_steps(|steps| steps.fallback(step))
    }

    /// Names the errors of type `E` of the step added last, wherever they are in the chain of sources: the name is the
    /// `error_type` under which they are counted. Can be given for several types. Defaults to the error's variant or
    /// type.
    pub fn error_type<E: Error + 'static>(
        self,
        name: impl Fn(&E) -> &'static str + Send + Sync + 'static,
    ) -> Self {
        self.with_steps(|steps| steps.error_type(name))
    }
}

impl<First: Data, In: Data, Out> PipelineBuilder<Typed<First, In, Out>>
where
    Out: Data + Serialize + DeserializeOwned,
{
    /// Saves what the step added last gives in the checkpoints of a run, so that the step does not run again when the run
    /// is resumed. Does nothing without [`checkpoint_store`](Self::checkpoint_store). Defaults to not saving it: the step runs again
    /// where a step that is yet to run needs its output.
    pub fn checkpoint(self) -> Self {
        self.with_steps(Steps::checkpoint)
    }
}

impl<First, In, Out> PipelineBuilder<Typed<First, In, Out>>
where
    First: Data + Serialize + DeserializeOwned,
{
    /// Sets where runs are saved: when they begin, and after each step, before the steps that follow it begin. Call it
    /// after the first step. Defaults to nowhere.
    ///
    /// The checkpoint of a run that succeeded is removed; that of any other stays, to be
    /// [resumed](Pipeline::resume).
    pub fn checkpoint_store(mut self, store: impl CheckpointStore) -> Self {
        let (store, input) = (Arc::new(store), Codec::of::<First>());
        self.settings.checkpoints = Some(Checkpoints { store, input });
        self
    }
}

impl<First: Data, In, Out: Data> PipelineBuilder<Typed<First, In, Out>> {
    /// Says what a run gives, where that is not what the step added last gives. Call it after the steps. Defaults to the
    /// output of the step added last.
    pub fn output<O: Data>(self) -> PipelineBuilder<Typed<First, Empty, O>> {
        PipelineBuilder { steps: self.steps.retyped(), settings: self.settings, flow: self.flow }
    }

    /// Checks everything.
    ///
    /// # Errors
    ///
    /// All mistakes at once: see [`BuildError`](crate::BuildError).
    pub fn build(self) -> Result<Pipeline<First, Out>, BuildErrors> {
        Pipeline::check(self.steps, self.flow, self.settings)
    }
}

impl<T> PipelineBuilder<T> {
    pub(crate) fn of_parts(steps: Steps<T>, settings: Settings, flow: Flow) -> Self {
        Self { steps, settings, flow: Some(flow) }
    }

    /// Sets which step follows which. Defaults to a chain of the steps in the order in which they were added.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flow = Some(flow);
        self
    }

    /// Sets what the steps need from outside. Defaults to nothing.
    pub fn services(mut self, services: Services) -> Self {
        self.settings.services = services;
        self
    }

    /// Sets what calls cost. Defaults to [`PriceBook::sample`].
    pub fn prices(mut self, prices: PriceBook) -> Self {
        self.settings.prices = prices;
        self
    }

    /// Sets where metrics and spans go: a [`Registry`](ia_metrics_core::Registry), a [`Tracer`](ia_tracing::Tracer), or
    /// whatever turns into [`Instruments`]. Defaults to the global ones.
    pub fn telemetry(mut self, instruments: impl Into<Instruments>) -> Self {
        self.settings.instruments = self.settings.instruments.overridden_by(instruments.into());
        self
    }

    /// Sets whether this pipeline is counted, timed and traced at all. Defaults to yes.
    pub fn enable_telemetry(mut self, enabled: bool) -> Self {
        self.settings.telemetry = enabled;
        self
    }

    /// Sets how exactly CPU time is measured. Defaults to [`CpuAccounting::Sampled`].
    pub fn cpu_accounting(mut self, accounting: CpuAccounting) -> Self {
        self.settings.cpu_accounting = accounting;
        self
    }

    /// Sets how many steps may run at the same time, over all runs of this pipeline; more wait. Steps that streams
    /// connect count as one. A step that runs the same pipeline inside itself may wait for its own permit. Defaults to no
    /// limit.
    pub fn max_concurrency(mut self, steps: usize) -> Self {
        self.settings.max_steps = Some(steps);
        self
    }

    /// Sets how many runs may be under way at the same time; more wait. Defaults to no limit.
    pub fn max_concurrent_runs(mut self, runs: usize) -> Self {
        self.settings.max_runs = Some(runs);
        self
    }

    /// Sets how long a run may take. Needs a tokio runtime with its timer on. Defaults to no limit.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// Sets how long a run that fails or is cancelled waits for what its steps started by
    /// [`StepContext::spawn`](crate::StepContext::spawn) to be gone, once it has been aborted: a task ends where it next
    /// waits for something. The run is active for that long, beyond its deadline where it has one. Zero does not wait. Waits
    /// only where there is something to wait for, and then needs a tokio runtime with its timer on. Defaults to one second.
    pub fn task_grace(mut self, grace: Duration) -> Self {
        self.settings.task_grace = grace;
        self
    }

    /// Sets what may be spent: by each run, as a [`Budget`](crate::Budget), or by all runs together, as a
    /// [`SharedBudget`](crate::SharedBudget). A run may have both, and several that are shared; another one for each
    /// run replaces the first. Defaults to no limits.
    pub fn budget(mut self, budget: impl Into<BudgetScope>) -> Self {
        self.settings.budgets.add(budget.into());
        self
    }

    pub(super) fn with_steps<U>(
        self,
        add: impl FnOnce(Steps<T>) -> Steps<U>,
    ) -> PipelineBuilder<U> {
        PipelineBuilder { steps: add(self.steps), settings: self.settings, flow: self.flow }
    }
}

impl<T> fmt::Debug for PipelineBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipelineBuilder")
            .field("steps", &self.steps)
            .field("flow", &self.flow)
            .finish_non_exhaustive()
    }
}

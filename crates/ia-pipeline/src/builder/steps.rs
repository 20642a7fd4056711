//! The steps of a pipeline, in the order in which they were added.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StepPlan;
use crate::data::Codec;
use crate::error_type::classifier;
use crate::{Data, IntoStep, JoinInput, Policy};

/// The steps of a pipeline. The types of the first step's input and the last step's input and output are in `T`, so that
/// nobody has to write them down.
///
/// [`Pipeline::builder`](crate::Pipeline::builder) has the same methods; this is for
/// [`Pipeline::new`](crate::Pipeline::new).
pub struct Steps<T = Empty> {
    pub(crate) plans: Vec<StepPlan>,
    types: PhantomData<fn() -> T>,
}

/// No step has been added yet.
#[derive(Debug)]
pub struct Empty;

/// The first step takes `First`; the last one takes `In` and gives `Out`.
pub struct Typed<First, In, Out> {
    types: PhantomData<fn(First, In) -> Out>,
}

impl Steps {
    /// No steps.
    #[must_use]
    pub fn new() -> Self {
        Self { plans: Vec::new(), types: PhantomData }
    }

    /// Adds the first step: where a run begins, unless a flow says otherwise.
    #[must_use]
    pub fn step<M, S: IntoStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> Steps<Typed<S::In, S::In, S::Out>> {
        self.add(StepPlan::one(name.into(), step.into_step()))
    }
}

impl<T> Steps<T> {
    pub(crate) fn of_plans(plans: Vec<StepPlan>) -> Self {
        Self { plans, types: PhantomData }
    }

    pub(super) fn add<U>(mut self, plan: StepPlan) -> Steps<U> {
        self.plans.push(plan);
        Steps { plans: self.plans, types: PhantomData }
    }

    pub(crate) fn retyped<U>(self) -> Steps<U> {
        Steps { plans: self.plans, types: PhantomData }
    }

    pub(super) fn last(mut self, change: impl FnOnce(&mut StepPlan)) -> Self {
        if let Some(plan) = self.plans.last_mut() {
            change(plan);
        }
        self
    }
}

impl<First, In: Data, Out> Steps<Typed<First, In, Out>>
where
    Out: Data + Serialize + DeserializeOwned,
{
    /// Saves what the step added last gives in the checkpoints of a run. Defaults to not saving it.
    #[must_use]
    pub fn checkpoint(self) -> Self {
        self.last(|plan| plan.codec = Some(Codec::of::<Out>()))
    }
}

impl<First, In: Data, Out: Data> Steps<Typed<First, In, Out>> {
    /// Adds a step.
    #[must_use]
    pub fn step<M, S: IntoStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> Steps<Typed<First, S::In, S::Out>> {
        self.add(StepPlan::one(name.into(), step.into_step()))
    }

    /// Adds a step that receives what all its predecessors give: a tuple in the order of the edges, with `Option`s for
    /// those that may be skipped, or [`Inputs`](crate::Inputs).
    #[must_use]
    pub fn join<M, S>(self, name: impl Into<String>, step: S) -> Steps<Typed<First, S::In, S::Out>>
    where
        S: IntoStep<M>,
        S::In: JoinInput,
    {
        self.add(StepPlan::join(name.into(), step.into_step()))
    }

    /// Sets what happens when the step added last fails or takes too long. Defaults to [`Policy::new`].
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        self.last(|plan| plan.set_policy(policy))
    }

    /// Sets what answers when the step added last has failed for good. It gets the same input. Defaults to nothing.
    #[must_use]
    pub fn fallback<M>(self, step: impl IntoStep<M, In = In, Out = Out>) -> Self {
        let (step, services) = step.into_step().into_parts();
        self.last(|plan| {
            plan.fallback = Some(step);
            plan.services.extend(services);
        })
    }

    /// Names the errors of type `E` of the step added last, wherever they are in the chain of sources: the name is the
    /// `error_type` under which they are counted. Can be given for several types. Defaults to the error's variant or
    /// type.
    #[must_use]
    pub fn error_type<E: Error + 'static>(
        self,
        name: impl Fn(&E) -> &'static str + Send + Sync + 'static,
    ) -> Self {
        self.last(|plan| plan.classifiers.push(classifier(name)))
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Steps<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.plans.iter().map(|plan| &plan.name)).finish()
    }
}

impl<First, In, Out> fmt::Debug for Typed<First, In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

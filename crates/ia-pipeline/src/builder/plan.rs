//! One step as the engine needs it.

use std::any::{Any, TypeId, type_name};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::data::{Codec, Deliveries, Delivery, Form, OutputType, Shared, Slots};
use crate::error_type::Classifier;
use crate::run::Failure;
use crate::service::ServiceType;
use crate::step::{AnyStep, ErasedStep};
use crate::stream::StreamPlan;
use crate::{Data, JoinInput, Policy};

/// A step, what it takes and gives, and what happens when it fails.
pub(crate) struct StepPlan {
    pub(crate) name: Arc<str>,
    pub(crate) step: Arc<dyn ErasedStep>,
    pub(crate) fallback: Option<Arc<dyn ErasedStep>>,
    /// What the step gives where its failure does not end the run. Nothing, without it.
    pub(crate) stand_in: Option<StandIn>,
    pub(crate) policy: Policy,
    /// As many as the policy lets run at the same time.
    pub(crate) permits: Option<Semaphore>,
    pub(crate) input: Input,
    pub(crate) output: OutputType,
    /// How its output is kept in checkpoints, where it is.
    pub(crate) codec: Option<Codec>,
    /// Where it yields its output item by item.
    pub(crate) stream: Option<StreamPlan>,
    pub(crate) services: Vec<ServiceType>,
    pub(crate) classifiers: Vec<Classifier>,
}

/// Makes an output of what a step was given and what it failed with.
pub(crate) type StandIn = Arc<dyn Fn(Deliveries, &Failure) -> Option<Shared> + Send + Sync>;

/// A step's input, in a box of the step's own type.
pub(crate) type BoxedInput = Box<dyn Any + Send>;

/// How a step receives its input.
pub(crate) enum Input {
    /// From whichever predecessor was not skipped.
    One { type_id: TypeId, type_name: &'static str, take: fn(Delivery) -> Option<BoxedInput> },
    /// From all of them.
    Join { slots: Slots, gather: fn(Deliveries) -> Option<BoxedInput> },
}

impl StepPlan {
    pub(crate) fn one<I: Data, O: Data>(name: String, step: AnyStep<I, O>) -> Self {
        let take =
            |delivery: Delivery| delivery.take::<I>().map(|input| Box::new(input) as BoxedInput);
        let input = Input::One { type_id: TypeId::of::<I>(), type_name: type_name::<I>(), take };
        Self::new(name, step, input)
    }

    pub(crate) fn join<I: JoinInput, O: Data>(name: String, step: AnyStep<I, O>) -> Self {
        let gather = |deliveries| I::gather(deliveries).map(|input| Box::new(input) as BoxedInput);
        Self::new(name, step, Input::Join { slots: I::slots(), gather })
    }

    pub(crate) fn set_policy(&mut self, policy: Policy) {
        self.permits =
            policy.max_concurrency.map(|most| Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        self.policy = policy;
    }

    /// The step yields `T`s.
    pub(crate) fn yields<T: Send + 'static>(mut self) -> Self {
        self.output = OutputType::of_stream::<T>();
        self.stream = Some(StreamPlan::of::<T>());
        self
    }

    fn new<I, O: Data>(name: String, step: AnyStep<I, O>, input: Input) -> Self {
        let (step, services) = step.into_parts();
        Self {
            name: name.into(),
            step,
            fallback: None,
            stand_in: None,
            policy: Policy::new(),
            permits: None,
            input,
            output: OutputType::of::<O>(),
            codec: None,
            stream: None,
            services,
            classifiers: Vec::new(),
        }
    }
}

impl Input {
    /// Whether the step can run, given what each predecessor's output is and whether it is there.
    pub(crate) fn accepts(&self, given: impl Iterator<Item = (OutputType, bool)>) -> bool {
        let optional =
            |output: OutputType, wanted: TypeId| output.form(wanted) == Some(Form::Optional);
        match self {
            Self::One { type_id, .. } => given.fold(false, |accepts, (output, there)| {
                accepts || there || optional(output, *type_id)
            }),
            Self::Join { slots: Slots::Each(slots), .. } => given
                .zip(slots)
                .all(|((output, there), (wanted, _))| there || optional(output, *wanted)),
            Self::Join { slots: Slots::Any | Slots::Merged, .. } => true,
        }
    }

    /// A box of the step's input type; `None` where a value that it needs is absent.
    pub(crate) fn assemble(&self, mut deliveries: Deliveries) -> Option<BoxedInput> {
        match self {
            Self::One { type_id, take, .. } => {
                let there = deliveries.iter().position(|(_, delivery)| !delivery.is_absent());
                let can_do_without =
                    || deliveries.iter().position(|(_, delivery)| delivery.is_optional(*type_id));
                let given = there.or_else(can_do_without)?;
                take(deliveries.swap_remove(given).1)
            }
            Self::Join { gather, .. } => gather(deliveries),
        }
    }
}

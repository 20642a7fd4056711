//! A step whose own type is forgotten.

use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::data::Shared;
use crate::service::ServiceType;
use crate::{StepContext, StepError};

/// A step as the engine calls it.
pub(crate) trait ErasedStep: Send + Sync {
    /// Runs one attempt. `input` is a box of the step's input type.
    fn call(
        &self,
        ctx: StepContext,
        input: Box<dyn Any + Send>,
    ) -> BoxFuture<'_, Result<Shared, StepError>>;
}

/// A step that takes `I` and gives `O`, whatever it was made of. Made by [`IntoStep`](crate::IntoStep).
pub struct AnyStep<I, O> {
    step: Arc<dyn ErasedStep>,
    services: Vec<ServiceType>,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> AnyStep<I, O> {
    pub(crate) fn new(step: impl ErasedStep + 'static, services: Vec<ServiceType>) -> Self {
        Self { step: Arc::new(step), services, types: PhantomData }
    }

    pub(crate) fn into_parts(self) -> (Arc<dyn ErasedStep>, Vec<ServiceType>) {
        (self.step, self.services)
    }
}

/// Takes the input out of its box. The build has checked the types, so it is there.
pub(crate) fn unbox<I: 'static>(input: Box<dyn Any + Send>) -> Result<I, StepError> {
    match input.downcast::<I>() {
        Ok(input) => Ok(*input),
        Err(_) => Err(StepError::msg(format!(
            "the step was given something else than a `{}`",
            type_name::<I>()
        ))),
    }
}

impl<I, O> Clone for AnyStep<I, O> {
    fn clone(&self) -> Self {
        Self { step: Arc::clone(&self.step), services: self.services.clone(), types: PhantomData }
    }
}

impl<I, O> fmt::Debug for AnyStep<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyStep<{}, {}>", type_name::<I>(), type_name::<O>())
    }
}

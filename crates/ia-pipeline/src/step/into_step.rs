//! What turns into a step.

use std::any::Any;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::any_step::unbox;
use super::{AnyStep, ErasedStep, IsStep, Step};
use crate::data::Shared;
use crate::{Data, StepContext, StepError};

/// What turns into a step: any `async fn(StepContext, In) -> Result<Out, E>`, with [`Service`](crate::Service) arguments
/// after the input where it needs services, and any type that implements [`Step`].
///
/// The error can be anything that turns into a boxed error: a type that implements `Error`, a `Box<dyn Error + Send +
/// Sync>`, a `String`, a [`StepError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pipeline step",
    label = "expected `async fn(StepContext, In) -> Result<Out, E>` or a type that implements `Step`",
    note = "`StepContext` comes first, by value; `In` second",
    note = "a step with a `Sink` is added by `.stream(…)`",
    note = "services come last, as `Service<T>` arguments",
    note = "`In` and `Out` must be `Clone + Send + Sync + 'static`: wrap what is not in an `Arc`",
    note = "the error must turn into `Box<dyn Error + Send + Sync>`, and the future must be `Send`",
    note = "a closure that captures must clone inside: `move |ctx: StepContext, x: X| {{ let k = k.clone(); async move {{ … }} }}`",
    note = "wrap the function in `step_fn(…)` to have the compiler name the cause"
)]
pub trait IntoStep<M>: Sized {
    /// What the step takes.
    type In: Data;
    /// What the step gives.
    type Out: Data;

    /// Turns into a step.
    fn into_step(self) -> AnyStep<Self::In, Self::Out>;
}

impl<S: Step> IntoStep<IsStep> for S {
    type In = S::In;
    type Out = S::Out;

    fn into_step(self) -> AnyStep<S::In, S::Out> {
        AnyStep::new(TypedStep(self), Vec::new())
    }
}

impl<I: Data, O: Data> IntoStep<()> for AnyStep<I, O> {
    type In = I;
    type Out = O;

    fn into_step(self) -> Self {
        self
    }
}

struct TypedStep<S>(S);

impl<S: Step> ErasedStep for TypedStep<S> {
    fn call(
        &self,
        ctx: StepContext,
        input: Box<dyn Any + Send>,
    ) -> BoxFuture<'_, Result<Shared, StepError>> {
        Box::pin(async move {
            let output = self.0.run(ctx, unbox(input)?).await?;
            Ok(Arc::new(output) as Shared)
        })
    }
}

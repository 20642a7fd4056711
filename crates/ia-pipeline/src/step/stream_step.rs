//! Steps that yield a stream, and what turns into one.

use std::any::{Any, type_name};
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::any_step::unbox;
use super::{AnyStep, ErasedStep, IsStep};
use crate::data::Shared;
use crate::service::ServiceType;
use crate::{Closed, Data, Sink, StepContext, StepError, Stream};

/// A step that yields a stream, as a type of its own: what [`Step`](crate::Step) is for other steps.
///
/// ```
/// use ia_pipeline::{Pipeline, Sink, StepContext, StepError, Stream, StreamStep};
///
/// struct Chunks { of: usize }
///
/// impl StreamStep for Chunks {
///     type In = Vec<u8>;
///     type Item = Vec<u8>;
///
///     async fn run(&self, _: StepContext, bytes: Vec<u8>, out: Sink<Vec<u8>>) -> Result<(), StepError> {
///         for chunk in bytes.chunks(self.of) {
///             out.send(chunk.to_vec()).await?;
///         }
///         Ok(())
///     }
/// }
///
/// async fn count(_: StepContext, mut chunks: Stream<Vec<u8>>) -> Result<u32, StepError> {
///     let mut count = 0;
///     while chunks.next().await.is_some() {
///         count += 1;
///     }
///     Ok(count)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pipeline = Pipeline::builder("chunks").stream("split", Chunks { of: 4 }).step("count", count).build()?;
/// assert_eq!(pipeline.run(vec![0; 10]).await?.output, 3);
/// # Ok(()) }
/// ```
pub trait StreamStep: Send + Sync + 'static {
    /// What it takes.
    type In: Data;
    /// What it yields, again and again.
    type Item: Send + 'static;

    /// Does the work, sending items as they come. `self` is shared by all runs; an `Arc` of a step is one too, to share
    /// it between pipelines.
    fn run(
        &self,
        ctx: StepContext,
        input: Self::In,
        out: Sink<Self::Item>,
    ) -> impl Future<Output = Result<(), StepError>> + Send;
}

/// What turns into a step that yields a stream: any `async fn(StepContext, In, Sink<Item>) -> Result<(), E>`, with
/// [`Service`](crate::Service) arguments after the sink where it needs services, and any type that implements
/// [`StreamStep`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pipeline step that yields a stream",
    label = "expected `async fn(StepContext, In, Sink<Item>) -> Result<(), E>` or a type that implements `StreamStep`",
    note = "`StepContext` comes first, by value; `In` second; `Sink<Item>` third",
    note = "services come last, as `Service<T>` arguments",
    note = "`In` must be `Clone + Send + Sync + 'static`, and `Item` must be `Send + 'static`",
    note = "the error must turn into `Box<dyn Error + Send + Sync>`, and the future must be `Send`"
)]
pub trait IntoStreamStep<M>: Sized {
    /// What the step takes.
    type In: Data;
    /// What the step yields.
    type Item: Send + 'static;

    /// Turns into a step.
    fn into_stream_step(self) -> AnyStreamStep<Self::In, Self::Item>;
}

/// A step that takes `I` and yields `T`s, whatever it was made of. Made by [`IntoStreamStep`].
pub struct AnyStreamStep<I, T> {
    step: AnyStep<I, Stream<T>>,
    items: PhantomData<fn() -> T>,
}

impl<I: Data, T: Send + 'static> AnyStreamStep<I, T> {
    /// `step` gives what [`ended`] does, rather than a stream.
    pub(super) fn new(step: impl ErasedStep + 'static, services: Vec<ServiceType>) -> Self {
        Self { step: AnyStep::new(step, services), items: PhantomData }
    }

    pub(crate) fn into_step(self) -> AnyStep<I, Stream<T>> {
        self.step
    }
}

/// How a step that yields a stream has ended: that nobody takes its items any more is no failure.
pub(super) fn ended(result: Result<(), StepError>) -> Result<Shared, StepError> {
    match result {
        Err(error) if !is_closed(error.as_error()) => Err(error),
        Ok(()) | Err(_) => Ok(Arc::new(())),
    }
}

fn is_closed(error: &(dyn Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |error| <dyn Error>::source(*error));
    chain.any(<dyn Error>::is::<Closed>)
}

impl<S: StreamStep> StreamStep for Arc<S> {
    type In = S::In;
    type Item = S::Item;

    fn run(
        &self,
        ctx: StepContext,
        input: Self::In,
        out: Sink<Self::Item>,
    ) -> impl Future<Output = Result<(), StepError>> + Send {
        S::run(self, ctx, input, out)
    }
}

impl<S: StreamStep> IntoStreamStep<IsStep> for S {
    type In = S::In;
    type Item = S::Item;

    fn into_stream_step(self) -> AnyStreamStep<S::In, S::Item> {
        AnyStreamStep::new(TypedStep(self), Vec::new())
    }
}

impl<I: Data, T: Send + 'static> IntoStreamStep<()> for AnyStreamStep<I, T> {
    type In = I;
    type Item = T;

    fn into_stream_step(self) -> Self {
        self
    }
}

struct TypedStep<S>(S);

impl<S: StreamStep> ErasedStep for TypedStep<S> {
    fn call(
        &self,
        ctx: StepContext,
        input: Box<dyn Any + Send>,
    ) -> BoxFuture<'_, Result<Shared, StepError>> {
        Box::pin(async move {
            let (input, out) = (unbox(input)?, ctx.sink()?);
            ended(self.0.run(ctx, input, out).await)
        })
    }
}

impl<I, T> Clone for AnyStreamStep<I, T> {
    fn clone(&self) -> Self {
        Self { step: self.step.clone(), items: PhantomData }
    }
}

impl<I, T> fmt::Debug for AnyStreamStep<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyStreamStep<{}, {}>", type_name::<I>(), type_name::<T>())
    }
}

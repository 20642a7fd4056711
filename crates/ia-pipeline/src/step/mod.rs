//! Steps: what does the work.

mod any_step;
mod error;
mod function;
mod into_step;
mod stream_function;
mod stream_step;

use std::sync::Arc;

pub use self::any_step::AnyStep;
pub(crate) use self::any_step::{ErasedStep, unbox};
pub(crate) use self::error::Named;
pub use self::error::{ErrorType, StepError};
pub use self::function::step_fn;
pub use self::into_step::IntoStep;
pub use self::stream_step::{AnyStreamStep, IntoStreamStep, StreamStep};
use crate::{Data, StepContext};

/// A step as a type of its own: for steps that hold state or are configured. Any
/// `async fn(StepContext, In) -> Result<Out, E>` is a step without it.
///
/// ```
/// use ia_pipeline::{Pipeline, Step, StepContext, StepError};
///
/// struct Truncate { at: usize }
///
/// impl Step for Truncate {
///     type In = String;
///     type Out = String;
///
///     async fn run(&self, _ctx: StepContext, mut text: String) -> Result<String, StepError> {
///         text.truncate(self.at);
///         Ok(text)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pipeline = Pipeline::builder("short").step("truncate", Truncate { at: 6 }).build()?;
/// assert_eq!(pipeline.run("a long text".to_owned()).await?.output, "a long");
/// # Ok(()) }
/// ```
pub trait Step: Send + Sync + 'static {
    /// What it takes.
    type In: Data;
    /// What it gives.
    type Out: Data;

    /// Does the work: once for each attempt. `self` is shared by all runs; an `Arc` of a step is one too, to
    /// share it between pipelines.
    fn run(
        &self,
        ctx: StepContext,
        input: Self::In,
    ) -> impl Future<Output = Result<Self::Out, StepError>> + Send;
}

impl<S: Step> Step for Arc<S> {
    type In = S::In;
    type Out = S::Out;

    fn run(
        &self,
        ctx: StepContext,
        input: Self::In,
    ) -> impl Future<Output = Result<Self::Out, StepError>> + Send {
        S::run(self, ctx, input)
    }
}

/// Marks a [`Step`] among the things that turn into steps.
#[derive(Debug)]
pub struct IsStep;

/// Marks a function among the things that turn into steps.
#[derive(Debug)]
pub struct IsFn;

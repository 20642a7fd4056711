//! Functions as steps.

use std::any::Any;
use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::any_step::unbox;
use super::{AnyStep, ErasedStep, IntoStep, IsFn};
use crate::data::Shared;
use crate::service::ServiceType;
use crate::{Data, Service, StepContext, StepError};

/// Gives back the function as it is, with bounds that make the compiler name what keeps it from being a step.
///
/// ```compile_fail
/// # use ia_pipeline::{StepContext, step_fn};
/// struct NotClone;
/// async fn load(_: StepContext, _: NotClone) -> Result<(), std::io::Error> { Ok(()) }
/// let step = step_fn(load); // error: `NotClone` cannot flow between steps
/// ```
pub fn step_fn<F, Fut, I, O, E>(f: F) -> F
where
    F: Fn(StepContext, I) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O, E>> + Send + 'static,
    I: Data,
    O: Data,
    E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
{
    f
}

/// A function and, in its marker, its signature.
struct Function<F, M> {
    f: F,
    signature: PhantomData<M>,
}

macro_rules! functions {
    ($($service:ident $argument:ident),*) => {
        impl<F, Fut, I, O, E, $($service),*> IntoStep<(IsFn, fn(I, $($service),*) -> Result<O, E>)> for F
        where
            F: Fn(StepContext, I, $(Service<$service>),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<O, E>> + Send + 'static,
            I: Data,
            O: Data,
            E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
            $($service: Send + Sync + 'static,)*
        {
            type In = I;
            type Out = O;

            fn into_step(self) -> AnyStep<I, O> {
                let step = Function { f: self, signature: PhantomData::<fn(I, $($service),*) -> Result<O, E>> };
                AnyStep::new(step, vec![$(ServiceType::of::<$service>()),*])
            }
        }

        impl<F, Fut, I, O, E, $($service),*> ErasedStep for Function<F, fn(I, $($service),*) -> Result<O, E>>
        where
            F: Fn(StepContext, I, $(Service<$service>),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<O, E>> + Send + 'static,
            I: Data,
            O: Data,
            E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
            $($service: Send + Sync + 'static,)*
        {
            fn call(&self, ctx: StepContext, input: Box<dyn Any + Send>) -> BoxFuture<'_, Result<Shared, StepError>> {
                Box::pin(async move {
                    let input = unbox(input)?;
                    $(let $argument = ctx.service::<$service>()?;)*
                    match (self.f)(ctx, input, $($argument),*).await {
                        Ok(output) => Ok(Arc::new(output) as Shared),
                        Err(error) => Err(StepError::of(error)),
                    }
                })
            }
        }
    };
}

functions!();
functions!(S1 s1);
functions!(S1 s1, S2 s2);
functions!(S1 s1, S2 s2, S3 s3);
functions!(S1 s1, S2 s2, S3 s3, S4 s4);
functions!(S1 s1, S2 s2, S3 s3, S4 s4, S5 s5);
functions!(S1 s1, S2 s2, S3 s3, S4 s4, S5 s5, S6 s6);

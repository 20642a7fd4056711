//! Functions as steps that yield a stream.

use std::any::Any;
use std::error::Error;
use std::marker::PhantomData;

use futures_util::future::BoxFuture;

use super::any_step::unbox;
use super::stream_step::{AnyStreamStep, IntoStreamStep, ended};
use super::{ErasedStep, IsFn};
use crate::data::Shared;
use crate::service::ServiceType;
use crate::{Data, Service, Sink, StepContext, StepError};

/// A function and, in its marker, its signature.
struct Function<F, M> {
    f: F,
    signature: PhantomData<M>,
}

macro_rules! functions {
    ($($service:ident $argument:ident),*) => {
        impl<F, Fut, I, T, E, $($service),*> IntoStreamStep<(IsFn, fn(I, Sink<T>, $($service),*) -> E)> for F
        where
            F: Fn(StepContext, I, Sink<T>, $(Service<$service>),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), E>> + Send + 'static,
            I: Data,
            T: Send + 'static,
            E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
            $($service: Send + Sync + 'static,)*
        {
            type In = I;
            type Item = T;

            fn into_stream_step(self) -> AnyStreamStep<I, T> {
                let step = Function { f: self, signature: PhantomData::<fn(I, Sink<T>, $($service),*) -> E> };
                AnyStreamStep::new(step, vec![$(ServiceType::of::<$service>()),*])
            }
        }

        impl<F, Fut, I, T, E, $($service),*> ErasedStep for Function<F, fn(I, Sink<T>, $($service),*) -> E>
        where
            F: Fn(StepContext, I, Sink<T>, $(Service<$service>),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<(), E>> + Send + 'static,
            I: Data,
            T: Send + 'static,
            E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
            $($service: Send + Sync + 'static,)*
        {
            fn call(&self, ctx: StepContext, input: Box<dyn Any + Send>) -> BoxFuture<'_, Result<Shared, StepError>> {
                Box::pin(async move {
                    let (input, out) = (unbox(input)?, ctx.sink()?);
                    $(let $argument = ctx.service::<$service>()?;)*
                    ended((self.f)(ctx, input, out, $($argument),*).await.map_err(StepError::of))
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

//! Adding steps that yield a stream.

#![expect(clippy::type_complexity, reason = "the types of a chain are never written down")]

use super::steps::{Empty, Steps, Typed};
use super::{PipelineBuilder, StepPlan};
use crate::{Data, IntoStreamStep, JoinInput, Stream};

impl Steps {
    /// Adds the first step, one that yields a [`Stream`]. The step after it takes the stream and runs at the same time.
    #[must_use]
    pub fn stream<M, S: IntoStreamStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> Steps<Typed<S::In, S::In, Stream<S::Item>>> {
        self.add(
            StepPlan::one(name.into(), step.into_stream_step().into_step()).yields::<S::Item>(),
        )
    }
}

impl<First, In: Data, Out: Data> Steps<Typed<First, In, Out>> {
    /// Adds a step that yields a [`Stream`]. The step after it takes the stream and runs at the same time.
    #[must_use]
    pub fn stream<M, S: IntoStreamStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> Steps<Typed<First, S::In, Stream<S::Item>>> {
        self.add(
            StepPlan::one(name.into(), step.into_stream_step().into_step()).yields::<S::Item>(),
        )
    }

    /// Adds a step that yields a [`Stream`] and receives what all its predecessors give, as by [`join`](Self::join).
    #[must_use]
    pub fn join_stream<M, S>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> Steps<Typed<First, S::In, Stream<S::Item>>>
    where
        S: IntoStreamStep<M>,
        S::In: JoinInput,
    {
        self.add(
            StepPlan::join(name.into(), step.into_stream_step().into_step()).yields::<S::Item>(),
        )
    }
}

impl<First, In, T: Send + 'static> Steps<Typed<First, In, Stream<T>>> {
    /// Sets how many items of the step added last may wait to be taken. Defaults to 16.
    #[must_use]
    pub fn capacity(self, items: usize) -> Self {
        self.last(|plan| {
            if let Some(stream) = &mut plan.stream {
                stream.capacity = items;
            }
        })
    }
}

impl PipelineBuilder<Empty> {
    /// Adds the first step, one that yields a [`Stream`]: see there. The step after it takes the stream and runs at the
    /// same time.
    pub fn stream<M, S: IntoStreamStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> PipelineBuilder<Typed<S::In, S::In, Stream<S::Item>>> {
        self.with_steps(|steps| steps.stream(name, step))
    }
}

impl<First: Data, In: Data, Out: Data> PipelineBuilder<Typed<First, In, Out>> {
    /// Adds a step that yields a [`Stream`]: see there. The step after it takes the stream and runs at the same time.
    ///
    /// Such a step cannot be tried again, as its first items have been taken by then; nor can the step that takes its
    /// stream. A [`Policy`](crate::Policy) may limit their time, waits for room and for items included.
    pub fn stream<M, S: IntoStreamStep<M>>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> PipelineBuilder<Typed<First, S::In, Stream<S::Item>>> {
        self.with_steps(|steps| steps.stream(name, step))
    }

    /// Adds a step that yields a [`Stream`] and receives what all its predecessors give, as by [`join`](Self::join).
    pub fn join_stream<M, S>(
        self,
        name: impl Into<String>,
        step: S,
    ) -> PipelineBuilder<Typed<First, S::In, Stream<S::Item>>>
    where
        S: IntoStreamStep<M>,
        S::In: JoinInput,
    {
        self.with_steps(|steps| steps.join_stream(name, step))
    }
}

impl<First: Data, In: Data, T: Send + 'static> PipelineBuilder<Typed<First, In, Stream<T>>> {
    /// Sets how many items of the step added last may wait to be taken: more hide that one side is sometimes slow, fewer
    /// take less memory. Defaults to 16.
    pub fn capacity(self, items: usize) -> Self {
        self.with_steps(|steps| steps.capacity(items))
    }
}

//! A stream as the engine handles it, the type of its items forgotten.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::channel::Channel;
use super::meter::Meter;
use super::{Sink, Stream};
use crate::data::Shared;
use crate::pipeline::Core;
use crate::run::SharedPermit;

/// What a step that yields a stream has beside what every step has.
#[derive(Clone, Copy)]
pub(crate) struct StreamPlan {
    pub(crate) capacity: usize,
    open: fn(&Arc<Core>, usize, usize) -> Option<Opened>,
}

/// The stream of one execution of a step.
pub(crate) struct Opened {
    pub(crate) outlet: Outlet,
    /// The `Stream`.
    pub(crate) stream: Shared,
}

/// The yielding side of a stream. Dropped without [`end`](Self::end), the step has not succeeded.
pub(crate) struct Outlet(Arc<dyn ErasedChannel>);

/// The taking side of a stream, beside the `Stream` itself.
pub(crate) struct Taking(Arc<dyn ErasedChannel>);

trait ErasedChannel: Any + Send + Sync {
    fn abandon(&self);
    fn end(&self, complete: bool) -> u64;
    fn poll_lent(&self, cx: &mut Context<'_>) -> Poll<Option<Arc<SharedPermit>>>;
}

impl StreamPlan {
    /// How many items may wait to be taken, unless somebody says otherwise.
    const CAPACITY: usize = 16;

    pub(crate) fn of<T: Send + 'static>() -> Self {
        Self { capacity: Self::CAPACITY, open: open::<T> }
    }

    /// A stream for one execution of the step.
    pub(crate) fn open(self, core: &Arc<Core>, step: usize) -> Option<Opened> {
        (self.open)(core, step, self.capacity)
    }
}

fn open<T: Send + 'static>(core: &Arc<Core>, step: usize, capacity: usize) -> Option<Opened> {
    let metrics = core.metrics.steps[step].stream.clone()?;
    let channel = Arc::new(Channel::<T>::new(Meter::new(core, step, metrics), capacity));
    let stream = Arc::new(Stream::new(Arc::clone(&channel)));
    Some(Opened { outlet: Outlet(channel), stream })
}

/// Lends a permit to whoever yields the stream, a `Stream<T>`.
pub(crate) fn lend_to<T: Send + 'static>(stream: &Shared, permit: &Arc<SharedPermit>) {
    if let Some(stream) = stream.downcast_ref::<Stream<T>>() {
        stream.channel.lend(Arc::clone(permit));
    }
}

impl Outlet {
    /// The sink, where the items are `T`s.
    pub(crate) fn sink<T: Send + 'static>(&self) -> Option<Sink<T>> {
        let channel: Arc<dyn Any + Send + Sync> = Arc::<dyn ErasedChannel>::clone(&self.0);
        channel.downcast().ok().map(Sink::new)
    }

    /// The taking side.
    pub(crate) fn taking(&self) -> Taking {
        Taking(Arc::clone(&self.0))
    }

    /// The step has ended, well or not; how many items it has sent.
    pub(crate) fn end(&self, complete: bool) -> u64 {
        self.0.end(complete)
    }

    /// The permit on which the step that takes the stream runs, once it has begun; `None` when it will not.
    pub(crate) async fn lent(&self) -> Option<Arc<SharedPermit>> {
        poll_fn(|cx| self.0.poll_lent(cx)).await
    }
}

impl Taking {
    /// The step has ended.
    pub(crate) fn end(self) {
        self.0.abandon();
    }
}

impl<T: Send + 'static> ErasedChannel for Channel<T> {
    fn abandon(&self) {
        Self::abandon(self);
    }

    fn end(&self, complete: bool) -> u64 {
        Self::end(self, complete)
    }

    fn poll_lent(&self, cx: &mut Context<'_>) -> Poll<Option<Arc<SharedPermit>>> {
        Self::poll_lent(self, cx)
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.0.end(false);
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outlet")
    }
}

//! Streams between steps: items that are worked on while others are still to come.
//!
//! [`Stream`] is what the taking step sees, [`Sink`] what the yielding one does; a `Channel` is between them.

mod channel;
mod meter;
mod outlet;
mod sink;
mod wakers;

use std::any::type_name;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use self::channel::Channel;
pub(crate) use self::meter::Side;
use self::meter::Waiting;
pub(crate) use self::outlet::{Opened, Outlet, StreamPlan, Taking, lend_to};
pub use self::sink::{Closed, Sink};

/// The items that a step yields, as the next step takes them: one by one, while the step that yields them goes on.
///
/// A step yields a stream when it is added by [`stream`](crate::PipelineBuilder::stream); it gets a [`Sink`] after its
/// input. The step after it takes the `Stream` as its input. Both run at the same time, as do all steps that streams
/// connect, and a run ends when all of them have ended. Between them at most
/// [`capacity`](crate::PipelineBuilder::capacity) items wait: a step that yields faster than the next one takes waits for
/// room.
///
/// ```
/// use ia_pipeline::{Pipeline, Sink, StepContext, StepError, Stream};
///
/// async fn read(_: StepContext, pages: u32, out: Sink<String>) -> Result<(), StepError> {
///     for page in 0..pages {
///         out.send(format!("page {page}")).await?; // waits while 4 pages wait for `embed`
///     }
///     Ok(())
/// }
///
/// async fn embed(_: StepContext, mut pages: Stream<String>, out: Sink<f32>) -> Result<(), StepError> {
///     while let Some(page) = pages.next().await {
///         out.send(page.len() as f32).await?;
///     }
///     Ok(())
/// }
///
/// async fn index(_: StepContext, mut vectors: Stream<f32>) -> Result<usize, StepError> {
///     let mut indexed = 0;
///     while vectors.next().await.is_some() {
///         indexed += 1;
///     }
///     Ok(indexed)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pipeline = Pipeline::builder("rag")
///     .stream("read", read)
///     .capacity(4)
///     .stream("embed", embed)
///     .step("index", index)
///     .build()?;
/// assert_eq!(pipeline.run(100).await?.output, 100);
/// # Ok(()) }
/// ```
///
/// # How it ends
///
/// `None` means that the step that yields has succeeded and that all its items have been taken. When it fails, the run
/// ends: the items that still waited are discarded, and [`next`](Self::next) stays pending until this step is dropped with
/// the run, so that a part is never taken for the whole. Work on the items that is to outlive the step belongs in
/// [`StepContext::spawn`](crate::StepContext::spawn), which ends with it.
///
/// When the `Stream` and all its clones have been dropped, the items that waited are discarded and
/// [`Sink::send`] answers [`Closed`].
///
/// # Clones
///
/// Clones take from the same items, each of which goes to one of them: several tasks can work on one stream.
pub struct Stream<T> {
    channel: Arc<Channel<T>>,
    /// Since when `poll_next` has had nothing to give.
    waiting: Option<Instant>,
}

impl<T: Send + 'static> Stream<T> {
    /// The next item, once there is one; `None` at the end. See [how a stream ends](Self#how-it-ends).
    ///
    /// Dropping the future loses no item.
    pub async fn next(&mut self) -> Option<T> {
        let mut waiting = Waiting::new(self.channel.meter(), Side::Receive);
        poll_fn(|cx| self.channel.poll_receive(cx, &mut waiting.since)).await
    }
}

impl<T> Stream<T> {
    /// One more of the channel's streams, which have been counted already.
    fn new(channel: Arc<Channel<T>>) -> Self {
        Self { channel, waiting: None }
    }
}

impl<T: Send + 'static> futures_util::Stream for Stream<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        this.channel.poll_receive(cx, &mut this.waiting)
    }
}

impl<T> Clone for Stream<T> {
    fn clone(&self) -> Self {
        self.channel.add_stream();
        Self::new(Arc::clone(&self.channel))
    }
}

impl<T> Drop for Stream<T> {
    fn drop(&mut self) {
        self.channel.meter().waited(Side::Receive, &mut self.waiting);
        self.channel.drop_stream();
    }
}

impl<T> fmt::Debug for Stream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream<{}>", type_name::<T>())
    }
}

//! Where a step puts the items that it yields.

use std::any::type_name;
use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use super::channel::Channel;
use super::meter::{Side, Waiting};

/// Where a step puts the items that it yields: the argument after its input. Cheap to clone.
///
/// Each item that is sent counts as an item of the step; do not report it by
/// [`StepContext::items`](crate::StepContext::items) too. The stream ends when the step returns `Ok`, whether or not a
/// `Sink` is still there then; what is sent later is refused.
pub struct Sink<T> {
    channel: Arc<Channel<T>>,
}

/// Nobody takes the items of a stream any more.
///
/// A step that returns it as its error, or as a source of its error, has succeeded: it ended because the next step has
/// enough.
#[derive(Debug)]
#[non_exhaustive]
pub struct Closed;

impl<T: Send + 'static> Sink<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self { channel }
    }

    /// Sends an item; waits while as many as the [`capacity`](crate::PipelineBuilder::capacity) wait to be taken.
    ///
    /// When the future is dropped before it is ready, the item has not been sent.
    ///
    /// # Errors
    ///
    /// [`Closed`] when the step that takes the stream has dropped it or has ended; the item is dropped. A step that has
    /// nothing else to do passes it on by `?`.
    pub async fn send(&self, item: T) -> Result<(), Closed> {
        let mut item = Some(item);
        let mut waiting = Waiting::new(self.channel.meter(), Side::Send);
        poll_fn(|cx| self.channel.poll_send(cx, &mut item, &mut waiting.since)).await
    }

    /// Resolves when nobody takes the items any more: for a step that waits for its next item for long.
    pub async fn closed(&self) {
        poll_fn(|cx| self.channel.poll_closed(cx)).await;
    }

    /// Whether [`closed`](Self::closed) has resolved.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }
}

impl<T> Clone for Sink<T> {
    fn clone(&self) -> Self {
        Self { channel: Arc::clone(&self.channel) }
    }
}

impl<T> fmt::Debug for Sink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sink<{}>", type_name::<T>())
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody takes the items of the stream any more; end the step by returning this error or `Ok`")
    }
}

impl Error for Closed {}

//! Work that a step spawned.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::{JoinError, JoinHandle};

/// Work that a step spawned: a future of its result. Dropping it aborts the work. Made by
/// [`StepContext::spawn`](crate::StepContext::spawn).
#[derive(Debug)]
#[must_use = "dropping a task aborts it"]
pub struct Task<T>(JoinHandle<T>);

impl<T> Task<T> {
    pub(crate) fn new(handle: JoinHandle<T>) -> Self {
        Self(handle)
    }
}

impl<T> Future for Task<T> {
    /// As of tokio's tasks: an error where the work panicked.
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

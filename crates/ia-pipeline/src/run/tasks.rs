//! The tasks that the steps of one run have spawned.

use std::sync::OnceLock;
use std::time::Duration;

use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::{TaskTrackerToken, TrackedFuture};

use super::contain::Contained;

/// Knows which tasks of a run are not gone yet. Costs nothing until the first one.
#[derive(Default)]
pub(crate) struct Tasks {
    tracker: OnceLock<TaskTracker>,
}

impl Tasks {
    /// Notes a task: it is gone when this future is dropped.
    pub(crate) fn track<F: Future>(&self, future: F) -> TrackedFuture<F> {
        self.tracker.get_or_init(TaskTracker::new).track_future(future)
    }

    /// Notes a task that is no future: it is gone when this is dropped.
    pub(crate) fn token(&self) -> TaskTrackerToken {
        self.tracker.get_or_init(TaskTracker::new).token()
    }

    /// Waits until all are gone, for so long at most. They have been aborted.
    pub(crate) async fn gone(&self, at_most: Duration) {
        let Some(tracker) = self.tracker.get().filter(|tracker| !tracker.is_empty()) else {
            return;
        };
        if at_most.is_zero() {
            return;
        }
        tracker.close();
        within(at_most, tracker.wait()).await;
    }
}

/// Waits for this, but not for longer than that. Outside of a runtime there is no limit, and on one without a timer nobody
/// waits.
pub(super) async fn within(at_most: Duration, work: impl Future) {
    if tokio::runtime::Handle::try_current().is_err() {
        work.await;
        return;
    }
    // Without a timer, it panics.
    let in_time = async { tokio::time::timeout(at_most, work).await.is_ok() };
    Contained::new(in_time).await.ok();
}

//! Where a tracer reads the time.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Where a [`Tracer`](crate::Tracer) reads the time. Defaults to [`SystemClock`].
///
/// Tests use [`ManualClock`](crate::ManualClock), which stands still until it is advanced.
pub trait Clock: Send + Sync {
    /// The monotonic time, from which durations are taken.
    fn now(&self) -> Instant;

    /// The wall-clock time, read once per tracer to anchor the monotonic one.
    fn wall(&self) -> SystemTime;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn wall(&self) -> SystemTime {
        (**self).wall()
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "this is the one clock that everyone else is given")]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

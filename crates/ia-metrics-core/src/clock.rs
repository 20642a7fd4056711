//! The one place that reads the time.

use std::fmt;
use std::time::{Instant, SystemTime};

/// Where a registry takes its time from: replace it in tests.
///
/// It may have metrics of its own, also of the registry whose clock it is; but it is asked while metrics are made and
/// snapshots are taken, so it must not do that.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// A reading that never goes back: for windows and ages.
    fn now(&self) -> Instant;

    /// The time of day: for the time stamp of a snapshot.
    fn wall(&self) -> SystemTime;
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else is given"
    )]
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else is given"
    )]
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

//! The one place that reads the time.

use std::fmt;
use std::time::{Instant, SystemTime};

/// Where a registry takes its time from: replace it in tests.
///
/// It is asked while snapshots are taken. So it may record, and look series up that are there, but a snapshot that it takes
/// or a series that it makes may wait for ever.
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

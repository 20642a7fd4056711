//! A clock that tests move by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::{Clock, SystemClock};

/// A clock that stands still until it is advanced, for tests without sleeping.
///
/// Clones share the time, so keep one and give the other to
/// [`TracerBuilder::clock`](crate::TracerBuilder::clock).
///
/// ```
/// use std::time::Duration;
/// use ia_tracing::{ManualClock, Tracer};
///
/// let clock = ManualClock::new();
/// let tracer = Tracer::builder().clock(clock.clone()).build();
/// let span = tracer.start("work");
/// clock.advance(Duration::from_millis(5));
/// span.end();
/// assert_eq!(tracer.spans()[0].duration(), Duration::from_millis(5));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    monotonic: Instant,
    wall: SystemTime,
    advanced_nanos: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock whose wall time starts at the Unix epoch.
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(SystemTime::UNIX_EPOCH)
    }

    /// A clock whose wall time starts at `wall`.
    #[must_use]
    pub fn starting_at(wall: SystemTime) -> Self {
        // No `Instant` can be made from nothing: any reading serves, only differences count.
        Self { monotonic: SystemClock.now(), wall, advanced_nanos: Arc::default() }
    }

    /// Moves the time forward, for every clone. Stops at 584 years in all.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.advanced_nanos
            .update(Ordering::AcqRel, Ordering::Acquire, |nanos| nanos.saturating_add(by));
    }

    fn advanced(&self) -> Duration {
        Duration::from_nanos(self.advanced_nanos.load(Ordering::Acquire))
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.monotonic.checked_add(self.advanced()).unwrap_or(self.monotonic)
    }

    fn wall(&self) -> SystemTime {
        self.wall.checked_add(self.advanced()).unwrap_or(self.wall)
    }
}

//! One clock for metrics and spans.

use std::time::{Duration, Instant, SystemTime};

/// A clock that moves only by hand. Clones share the time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(ia_tracing::ManualClock);

impl ManualClock {
    /// A clock that stands still.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

impl ia_metrics_core::Clock for ManualClock {
    fn now(&self) -> Instant {
        ia_tracing::Clock::now(&self.0)
    }

    fn wall(&self) -> SystemTime {
        ia_tracing::Clock::wall(&self.0)
    }
}

impl ia_tracing::Clock for ManualClock {
    fn now(&self) -> Instant {
        ia_tracing::Clock::now(&self.0)
    }

    fn wall(&self) -> SystemTime {
        ia_tracing::Clock::wall(&self.0)
    }
}

//! Monotonic time told as wall-clock time.

use std::time::{Instant, SystemTime};

use crate::Clock;

/// One pair of readings that ties the monotonic clock to the wall clock.
///
/// Spans of one tracer can then be laid side by side: a wall clock that is set while they run moves
/// none of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anchor {
    monotonic: Instant,
    wall: SystemTime,
}

impl Anchor {
    pub(crate) fn read(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.now(), wall: clock.wall() }
    }

    /// The wall-clock time of `instant`, also for instants before the anchor.
    pub(crate) fn wall(&self, instant: Instant) -> SystemTime {
        match instant.checked_duration_since(self.monotonic) {
            Some(after) => self.wall.checked_add(after),
            None => self.wall.checked_sub(self.monotonic.saturating_duration_since(instant)),
        }
        .unwrap_or(self.wall)
    }
}

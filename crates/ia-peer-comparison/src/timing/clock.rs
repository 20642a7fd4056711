//! The clock.

use std::sync::LazyLock;
use std::time::Instant;

/// Nanoseconds since the first call: the same clock on all threads.
#[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
pub(crate) fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

//! What POSIX has.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::sample::Limit;

/// Time on a processor, to the nanosecond where the kernel counts them.
pub(super) fn cpu() -> Option<Duration> {
    duration(clock_gettime(ClockId::ProcessCPUTime))
}

pub(super) fn max_fds() -> Limit {
    limit(Resource::Nofile)
}

/// OpenBSD has no such limit.
#[cfg(not(target_os = "openbsd"))]
pub(super) fn virtual_memory_max() -> Limit {
    limit(Resource::As)
}

/// A reading of a clock as the time since its zero.
pub(super) fn duration(time: Timespec) -> Option<Duration> {
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?);
    Some(Duration::new(seconds, nanos))
}

fn limit(resource: Resource) -> Limit {
    getrlimit(resource).current.map_or(Limit::None, Limit::At)
}

//! Linux: two clocks, and `/proc/self/statm`, read into a buffer on the stack.

use rustix::fs::{Mode, OFlags, open};
use rustix::io::read;
use rustix::param::page_size;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds that this thread has spent on a processor.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is no such clock")]
#[inline]
pub(in crate::attribution) fn thread_cpu() -> Option<u64> {
    Some(nanos(clock_gettime(ClockId::ThreadCPUTime)))
}

/// Nanoseconds that all threads of this process have spent on a processor.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is no such clock")]
pub(in crate::attribution) fn process_cpu() -> Option<u64> {
    Some(nanos(clock_gettime(ClockId::ProcessCPUTime)))
}

/// Bytes of this process that are in memory.
pub(in crate::attribution) fn resident_memory() -> Option<u64> {
    // Seven fields of at most 20 digits; the second is the resident pages. Source: `proc_pid_statm(5)`.
    let mut buffer = [0; 160];
    let file = open(c"/proc/self/statm", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let length = read(&file, &mut buffer).ok()?;
    let text = std::str::from_utf8(buffer.get(..length)?).ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    pages.checked_mul(page_size() as u64)
}

fn nanos(time: Timespec) -> u64 {
    let (seconds, nanos) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds.wrapping_mul(1_000_000_000).wrapping_add(nanos)
}

//! What the operating system is asked: pinning, processor time, preemptions, resident memory.
//!
//! Elsewhere than on Linux nothing is pinned, wall-clock time stands in for processor time, and memory is unknown. The
//! figures to quote come from Linux.

pub(crate) use self::imp::{cpus, pin, resident_bytes, switches, thread_cpu};

/// How often a thread lost its processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Switches {
    /// To another thread.
    pub(crate) preempted: i64,
    /// By waiting for something.
    pub(crate) blocked: i64,
}

#[cfg(target_os = "linux")]
mod imp {
    use std::fs;
    use std::time::Duration;

    use super::Switches;
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::time::{ClockId, clock_gettime};
    use nix::unistd::{Pid, SysconfVar, sysconf};

    /// The processors that this process may use.
    pub(crate) fn cpus() -> Vec<usize> {
        let set = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        let usable = |cpu: &usize| set.is_set(*cpu).unwrap_or(false);
        (0..CpuSet::count()).filter(usable).collect()
    }

    /// Binds the calling thread to one processor.
    pub(crate) fn pin(cpu: usize) {
        let mut set = CpuSet::new();
        if set.set(cpu).and_then(|()| sched_setaffinity(Pid::from_raw(0), &set)).is_err() {
            eprintln!("a thread could not be bound to processor {cpu}");
        }
    }

    /// The processor time of the calling thread.
    pub(crate) fn thread_cpu() -> Duration {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
    }

    /// How often the calling thread has lost its processor so far.
    pub(crate) fn switches() -> Switches {
        let usage = getrusage(UsageWho::RUSAGE_THREAD);
        usage.map_or_else(
            |_| Switches::default(),
            |usage| Switches {
                preempted: usage.involuntary_context_switches(),
                blocked: usage.voluntary_context_switches(),
            },
        )
    }

    /// The memory of this process that is in RAM.
    pub(crate) fn resident_bytes() -> u64 {
        let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages: u64 =
            statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
        let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4_096);
        pages * page.unsigned_abs()
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::sync::LazyLock;
    use std::time::{Duration, Instant};

    use super::Switches;

    pub(crate) fn cpus() -> Vec<usize> {
        (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
    }

    pub(crate) fn pin(_: usize) {}

    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    pub(crate) fn thread_cpu() -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    pub(crate) fn switches() -> Switches {
        Switches::default()
    }

    pub(crate) fn resident_bytes() -> u64 {
        0
    }
}

//! What the operating system is asked: pinning, processor time, preemptions, resident memory.

pub use self::imp::{cpus, pin, resident_bytes, switches, thread_cpu};

/// How often a thread lost its processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// To another thread.
    pub preempted: i64,
    /// By waiting for something.
    pub blocked: i64,
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
    #[must_use]
    pub fn cpus() -> Vec<usize> {
        let set = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        let usable = |cpu: &usize| set.is_set(*cpu).unwrap_or(false);
        (0..CpuSet::count()).filter(usable).collect()
    }

    /// Binds the calling thread to one processor; says so on the terminal where it cannot.
    #[expect(clippy::print_stderr, reason = "for programs that report to a terminal")]
    pub fn pin(cpu: usize) {
        let mut set = CpuSet::new();
        if set.set(cpu).and_then(|()| sched_setaffinity(Pid::from_raw(0), &set)).is_err() {
            eprintln!("a thread could not be bound to processor {cpu}");
        }
    }

    /// The processor time of the calling thread.
    #[must_use]
    pub fn thread_cpu() -> Duration {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
    }

    /// How often the calling thread has lost its processor so far.
    #[must_use]
    pub fn switches() -> Switches {
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
    #[must_use]
    pub fn resident_bytes() -> u64 {
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

    /// As many as there are; nothing says which.
    #[must_use]
    pub fn cpus() -> Vec<usize> {
        (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
    }

    /// Does nothing.
    pub fn pin(_: usize) {}

    /// Wall-clock time.
    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    #[must_use]
    pub fn thread_cpu() -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    /// Unknown: none.
    #[must_use]
    pub fn switches() -> Switches {
        Switches::default()
    }

    /// Unknown: 0.
    #[must_use]
    pub fn resident_bytes() -> u64 {
        0
    }
}

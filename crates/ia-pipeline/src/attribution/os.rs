//! What the operating system counts: CPU time of a thread and of the process, resident memory.

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "os_linux.rs"]
mod source;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "os_elsewhere.rs"]
mod source;

use std::sync::OnceLock;

pub(super) use self::source::{process_cpu, resident_memory, thread_cpu};

/// Whether threads have a CPU clock.
pub(super) fn has_thread_clock() -> bool {
    thread_cpu().is_some()
}

/// How many nanoseconds one reading of the thread's CPU clock takes.
pub(super) fn cost_of_reading() -> u64 {
    static COST: OnceLock<u64> = OnceLock::new();
    *COST.get_or_init(|| {
        // The least of some, as any of them may be interrupted.
        let pair = || Some(thread_cpu()?.abs_diff(thread_cpu()?));
        (0..16).filter_map(|_| pair()).min().unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::{cost_of_reading, process_cpu, resident_memory, thread_cpu};

    #[test]
    #[cfg(target_os = "linux")]
    fn work_takes_time_of_the_thread_and_of_the_process() {
        let (thread, process) = (thread_cpu().unwrap(), process_cpu().unwrap());
        let work: u64 = (0..1_000_000_u64).map(std::hint::black_box).sum();
        assert!(work > 0);
        let (thread, process) = (thread_cpu().unwrap() - thread, process_cpu().unwrap() - process);
        assert!(thread > 0 && process >= thread, "{thread} {process}");
        assert!(cost_of_reading() < 100_000);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_resides_in_some_pages() {
        let bytes = resident_memory().unwrap();
        assert!(bytes > 100_000 && bytes.is_multiple_of(4_096), "{bytes}");
    }
}

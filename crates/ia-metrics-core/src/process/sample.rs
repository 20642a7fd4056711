//! One reading.

use std::time::Duration;

/// What was read of the process at one moment; `None` for what could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// Time on a processor, in user mode and in the kernel, of all threads that ever were.
    pub(super) cpu: Option<Duration>,
    pub(super) open_fds: Option<u64>,
    pub(super) max_fds: Option<Limit>,
    pub(super) virtual_memory: Option<u64>,
    pub(super) virtual_memory_max: Option<Limit>,
    pub(super) resident_memory: Option<u64>,
    /// Seconds since the Unix epoch.
    pub(super) start_time: Option<f64>,
    pub(super) threads: Option<u64>,
}

/// A limit of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has limits that can be read"))]
pub(super) enum Limit {
    At(u64),
    None,
}

impl Limit {
    /// The limit as Go's client writes it: none is the largest number that the operating system could take for one.
    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::At(limit) => limit as f64,
            Self::None => u64::MAX as f64,
        }
    }
}

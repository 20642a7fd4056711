//! macOS, the BSDs and Windows: sysinfo, and POSIX where there is any.

use std::sync::{Mutex, PoisonError};
#[cfg(not(unix))]
use std::time::Duration;

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

use super::sample::Sample;
#[cfg(unix)]
use super::unix;

/// Where the figures come from.
#[derive(Debug)]
pub(super) struct Source {
    /// `None` where the platform is not known to sysinfo.
    system: Option<(Mutex<System>, Pid)>,
}

impl Source {
    pub(super) fn new() -> Self {
        let system = System::new().ok().zip(get_current_pid().ok());
        Self { system: system.map(|(system, pid)| (Mutex::new(system), pid)) }
    }

    pub(super) fn sample(&self) -> Sample {
        let mut sample = Sample::default();
        if let Some((system, pid)) = &self.system {
            let mut system = system.lock().unwrap_or_else(PoisonError::into_inner);
            let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
            system.refresh_processes_specifics(ProcessesToUpdate::Some(&[*pid]), false, what);
            if let Some(process) = system.process(*pid) {
                read(process, &mut sample);
            }
        }
        posix(&mut sample);
        sample
    }
}

/// What sysinfo says; it writes 0 for what it does not know.
fn read(process: &Process, sample: &mut Sample) {
    let known = |figure: u64| (figure > 0).then_some(figure);
    sample.open_fds = process.open_files().and_then(|count| u64::try_from(count).ok());
    sample.virtual_memory = known(process.virtual_memory());
    sample.resident_memory = known(process.memory());
    sample.start_time = known(process.start_time()).map(|seconds| seconds as f64);
    #[cfg(not(unix))]
    {
        sample.cpu = known(process.accumulated_cpu_time()).map(Duration::from_millis);
    }
}

#[cfg(unix)]
fn posix(sample: &mut Sample) {
    sample.cpu = unix::cpu();
    sample.max_fds = Some(unix::max_fds());
    #[cfg(not(target_os = "openbsd"))]
    {
        sample.virtual_memory_max = Some(unix::virtual_memory_max());
    }
}

#[cfg(not(unix))]
fn posix(_: &mut Sample) {}

//! What the figures were measured on.

use std::fmt;
use std::fs;
use std::time::SystemTime;

use crate::cpus;

/// The machine, its load and the compiler.
#[derive(Debug)]
pub struct Machine {
    /// When, in UTC.
    pub date: String,
    /// The processor, by name and numbers.
    pub cpu: String,
    /// The processors that the process may use.
    pub cores: usize,
    /// The kernel's release.
    pub kernel: String,
    /// The compiler that built the program.
    pub rustc: &'static str,
    /// The load averages over 1, 5 and 15 minutes, before the first measurement.
    pub load: String,
}

impl Machine {
    /// Asks the machine that this runs on.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the date of the measurement is the wall clock's"
    )]
    pub fn look() -> Self {
        let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let load = read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ");
        Self {
            date,
            cpu: cpu(),
            cores: cpus().len(),
            kernel: read("/proc/sys/kernel/osrelease"),
            rustc: env!("IA_RUSTC_VERSION"),
            load,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, cpu, cores, kernel, rustc, load } = self;
        write!(f, "{date}; {cpu}, {cores} cores; kernel {kernel}; {rustc}; load {load}")
    }
}

fn cpu() -> String {
    let info = read("/proc/cpuinfo");
    let of = |key: &str| {
        let line = info.lines().find(|line| line.starts_with(key))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let numbers = [("cpu family", "family"), ("model\t", "model"), ("stepping", "stepping")];
    let numbers: Vec<String> = numbers
        .into_iter()
        .filter_map(|(key, name)| of(key).map(|value| format!("{name} {value}")))
        .collect();
    format!("{} ({})", of("model name").unwrap_or_else(|| "unknown".to_owned()), numbers.join(", "))
}

/// The file's text, or nothing where there is no such file.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

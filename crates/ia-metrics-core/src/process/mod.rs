//! What the operating system knows of this process.

mod desc;
mod sample;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux.rs"]
mod source;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "elsewhere.rs"]
mod source;
#[cfg(unix)]
mod unix;

use std::sync::OnceLock;

use self::desc::Metrics;
use self::source::Source;
use crate::{Descriptor, Registry};

/// The process metrics of Prometheus' own clients, under the same names: read anew for each snapshot.
///
/// | metric | Linux | macOS, BSD | Windows |
/// |---|---|---|---|
/// | `process_cpu_seconds_total` | ✓ | ✓ | ✓ |
/// | `process_open_fds` | ✓ | ✓ | handles |
/// | `process_max_fds` | ✓ | ✓ | |
/// | `process_virtual_memory_bytes` | ✓ | ✓ | private bytes |
/// | `process_virtual_memory_max_bytes` | ✓ | ✓ | |
/// | `process_resident_memory_bytes` | ✓ | ✓ | ✓ |
/// | `process_start_time_seconds` | ✓ | ✓ | ✓ |
/// | `process_threads` | ✓ | | |
///
/// A figure that cannot be had has no series; it is never zero instead. A limit that is not set is 2^64, as Go's client
/// writes it. Reading takes some microseconds on Linux, and no allocations.
///
/// Source: Prometheus, "Writing client libraries", section "Process metrics"; `process_threads` is that of Rust's own
/// client.
///
/// ```
/// use ia_metrics_core::{ProcessMetrics, Registry};
///
/// let registry = Registry::new();
/// ProcessMetrics::register(&registry);
/// # #[cfg(target_os = "linux")]
/// assert!(registry.snapshot().value("process_resident_memory_bytes", []) > Some(1e5));
/// ```
#[derive(Debug)]
pub struct ProcessMetrics {
    source: Source,
    metrics: OnceLock<Metrics>,
}

impl ProcessMetrics {
    /// Adds them to the registry, for as long as that lives. Once is enough: a second time reads everything twice and
    /// changes nothing else.
    ///
    /// Where the registry holds one of the names with another definition, that metric is left out and noted in
    /// [`RegistryStats::conflicts`](crate::RegistryStats::conflicts).
    pub fn register(registry: &Registry) {
        let this = Self { source: Source::new(), metrics: OnceLock::new() };
        registry.on_snapshot(move |registry| this.observe(registry));
    }

    /// What each of them is, those that this platform lacks included.
    #[must_use]
    pub fn descriptors() -> [Descriptor; 8] {
        desc::descriptors()
    }

    fn observe(&self, registry: &Registry) {
        let sample = self.source.sample();
        self.metrics.get_or_init(|| Metrics::new(registry)).record(&sample);
    }
}

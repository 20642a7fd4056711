//! The metrics, and the handles of those that were seen.

use std::sync::OnceLock;

use super::sample::Sample;
use crate::{
    Counter, CounterDesc, Descriptor, Family, Gauge, GaugeDesc, GaugeValue, Registry, Scale, Unit,
};

const CPU: CounterDesc<0> = CounterDesc::new(
    "process_cpu_seconds_total",
    "Total user and system CPU time spent in seconds.",
    [],
)
.scale(Scale::NANO)
.unit(Unit::Seconds);

const OPEN_FDS: GaugeDesc<0> =
    GaugeDesc::new("process_open_fds", "Number of open file descriptors.", []);

const MAX_FDS: GaugeDesc<0, f64> =
    GaugeDesc::new("process_max_fds", "Maximum number of open file descriptors.", []);

const VIRTUAL_MEMORY: GaugeDesc<0> =
    GaugeDesc::new("process_virtual_memory_bytes", "Virtual memory size in bytes.", [])
        .unit(Unit::Bytes);

const VIRTUAL_MEMORY_MAX: GaugeDesc<0, f64> = GaugeDesc::new(
    "process_virtual_memory_max_bytes",
    "Maximum amount of virtual memory available in bytes.",
    [],
)
.unit(Unit::Bytes);

const RESIDENT_MEMORY: GaugeDesc<0> =
    GaugeDesc::new("process_resident_memory_bytes", "Resident memory size in bytes.", [])
        .unit(Unit::Bytes);

const START_TIME: GaugeDesc<0, f64> = GaugeDesc::new(
    "process_start_time_seconds",
    "Start time of the process since unix epoch in seconds.",
    [],
)
.unit(Unit::Seconds);

const THREADS: GaugeDesc<0> =
    GaugeDesc::new("process_threads", "Number of OS threads in the process.", []);

pub(super) fn descriptors() -> [Descriptor; 8] {
    [
        CPU.descriptor(),
        OPEN_FDS.descriptor(),
        MAX_FDS.descriptor(),
        VIRTUAL_MEMORY.descriptor(),
        VIRTUAL_MEMORY_MAX.descriptor(),
        RESIDENT_MEMORY.descriptor(),
        START_TIME.descriptor(),
        THREADS.descriptor(),
    ]
}

/// The metrics in one registry.
#[derive(Debug)]
pub(super) struct Metrics {
    cpu: Lazy<Counter>,
    open_fds: Lazy<Gauge>,
    max_fds: Lazy<Gauge<f64>>,
    virtual_memory: Lazy<Gauge>,
    virtual_memory_max: Lazy<Gauge<f64>>,
    resident_memory: Lazy<Gauge>,
    start_time: Lazy<Gauge<f64>>,
    threads: Lazy<Gauge>,
}

impl Metrics {
    pub(super) fn new(registry: &Registry) -> Self {
        Self {
            cpu: Lazy::new(registry.counter(&CPU)),
            open_fds: Lazy::new(registry.gauge(&OPEN_FDS)),
            max_fds: Lazy::new(registry.gauge(&MAX_FDS)),
            virtual_memory: Lazy::new(registry.gauge(&VIRTUAL_MEMORY)),
            virtual_memory_max: Lazy::new(registry.gauge(&VIRTUAL_MEMORY_MAX)),
            resident_memory: Lazy::new(registry.gauge(&RESIDENT_MEMORY)),
            start_time: Lazy::new(registry.gauge(&START_TIME)),
            threads: Lazy::new(registry.gauge(&THREADS)),
        }
    }

    pub(super) fn record(&self, sample: &Sample) {
        if let Some(cpu) = sample.cpu {
            self.cpu.get().raise_to(u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX));
        }
        let limit = |limit: super::sample::Limit| limit.as_f64();
        self.open_fds.set(sample.open_fds.map(signed));
        self.max_fds.set(sample.max_fds.map(limit));
        self.virtual_memory.set(sample.virtual_memory.map(signed));
        self.virtual_memory_max.set(sample.virtual_memory_max.map(limit));
        self.resident_memory.set(sample.resident_memory.map(signed));
        self.start_time.set(sample.start_time);
        self.threads.set(sample.threads.map(signed));
    }
}

/// A series that is made when its first value is there: until then it is absent, not zero.
#[derive(Debug)]
struct Lazy<M: crate::Metric> {
    family: Family<M, 0>,
    series: OnceLock<M>,
}

impl<M: crate::Metric> Lazy<M> {
    fn new(family: Family<M, 0>) -> Self {
        Self { family, series: OnceLock::new() }
    }

    fn get(&self) -> &M {
        self.series.get_or_init(|| self.family.get())
    }
}

impl<V: GaugeValue> Lazy<Gauge<V>> {
    fn set(&self, value: Option<V>) {
        if let Some(value) = value {
            self.get().set(value);
        }
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

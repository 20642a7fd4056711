//! What pipelines use as gauges of a registry, brought up to date whenever it is read.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use ia_metrics_core::{Gauge, Registry};

use super::{AttributionScope, MemoryUsage, Meter, os};
use crate::catalogue;

/// All pipelines of the process, whatever registry they are of.
static ALL: Mutex<Vec<Weak<Meter>>> = Mutex::new(Vec::new());

/// Nanoseconds of CPU time of pipelines that are gone.
static RETIRED: AtomicU64 = AtomicU64::new(0);

/// The CPU time of the process when its first pipeline was built.
static BEGAN: OnceLock<u64> = OnceLock::new();

/// The pipelines of one registry.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    meters: Mutex<Vec<Weak<Meter>>>,
    /// By pipeline name: several pipelines may have one name, and they share its series.
    gauges: Mutex<BTreeMap<Arc<str>, Gauges>>,
    is_called: OnceLock<()>,
}

#[derive(Debug)]
struct Gauges {
    memory: Gauge,
    /// `None` where no pipeline of the name measures its CPU time.
    cpu_percent: Option<Gauge<f64>>,
}

/// What the pipelines of one name use.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    memory: Option<u64>,
    cpu_percent: Option<f64>,
}

impl Publisher {
    /// Adds a pipeline to those that a registry tells of.
    pub(super) fn publish(registry: &Registry, meter: &Arc<Meter>) {
        BEGAN.get_or_init(|| os::process_cpu().unwrap_or(0));
        let this = registry.extension::<Self>();
        remember(&ALL, meter);
        remember(&this.meters, meter);
        this.set(
            registry,
            meter.name(),
            Use { memory: Some(0), cpu_percent: meter.measures_cpu().then_some(0.0) },
        );
        tell_scopes(registry, std::slice::from_ref(meter), || None);
        tell_ratio(registry);
        if this.is_called.set(()).is_ok() {
            let this = Arc::clone(&this);
            registry.on_snapshot(move |registry| this.observe(registry));
        }
    }

    /// A pipeline is gone that used so many nanoseconds of CPU time.
    pub(super) fn retire(cpu: u64) {
        RETIRED.fetch_add(cpu, Ordering::Relaxed);
    }

    fn observe(&self, registry: &Registry) {
        let meters = alive(&self.meters);
        let resident = OnceCell::new();
        let resident = || *resident.get_or_init(os::resident_memory);
        let mut uses: BTreeMap<Arc<str>, Use> =
            lock(&self.gauges).keys().map(|name| (Arc::clone(name), Use::default())).collect();
        for meter in &meters {
            let total = uses.entry(Arc::clone(meter.name())).or_default();
            total.memory = match meter.memory(resident) {
                MemoryUsage::Pipeline(own) => {
                    Some(total.memory.unwrap_or(0).saturating_add(own.live))
                }
                // The same for all of them.
                MemoryUsage::Process { resident } => resident,
            };
            if let Some(percent) = meter.publish_percent() {
                total.cpu_percent = Some(total.cpu_percent.unwrap_or(0.0) + percent);
            }
        }
        for (name, total) in &uses {
            self.set(registry, name, *total);
        }
        tell_scopes(registry, &meters, resident);
        tell_ratio(registry);
    }

    /// Names that are not used any more use nothing.
    fn set(&self, registry: &Registry, name: &Arc<str>, total: Use) {
        let mut gauges = lock(&self.gauges);
        let gauges = gauges.entry(Arc::clone(name)).or_insert_with(|| Gauges {
            memory: registry.gauge(&catalogue::PIPELINE_MEMORY).with([&**name]),
            cpu_percent: None,
        });
        gauges.memory.set(i64::try_from(total.memory.unwrap_or(0)).unwrap_or(i64::MAX));
        if gauges.cpu_percent.is_none() && total.cpu_percent.is_some() {
            let gauge = registry.gauge(&catalogue::PIPELINE_CPU_PERCENT).with([&**name]);
            gauges.cpu_percent = Some(gauge);
        }
        if let Some(gauge) = &gauges.cpu_percent {
            gauge.set(total.cpu_percent.unwrap_or(0.0));
        }
    }
}

/// Says whose resources the figures of these pipelines are.
fn tell_scopes(registry: &Registry, meters: &[Arc<Meter>], resident: impl Fn() -> Option<u64>) {
    let gauge = registry.gauge(&catalogue::TELEMETRY_ATTRIBUTION);
    let tell = |resource: &str, scopes: &[AttributionScope]| {
        for scope in AttributionScope::ALL {
            gauge.with([resource, scope.as_str()]).set(i64::from(scopes.contains(&scope)));
        }
    };
    let cpu = |meter: &Arc<Meter>| {
        if meter.measures_cpu() { AttributionScope::Pipeline } else { AttributionScope::Off }
    };
    tell("cpu", &meters.iter().map(cpu).collect::<Vec<_>>());
    let memory = |meter: &Arc<Meter>| meter.memory(&resident).scope();
    tell("memory", &meters.iter().map(memory).collect::<Vec<_>>());
}

/// Says which part of the process' CPU time is known to be a pipeline's.
fn tell_ratio(registry: &Registry) {
    let meters = alive(&ALL);
    if !meters.iter().any(|meter| meter.measures_cpu()) {
        return;
    }
    let attributed = meters
        .iter()
        .map(|meter| meter.publish_cpu())
        .fold(RETIRED.load(Ordering::Relaxed), u64::saturating_add);
    let began = BEGAN.get().copied().unwrap_or(0);
    let process = os::process_cpu().unwrap_or(0).saturating_sub(began);
    let ratio = if process == 0 { 0.0 } else { attributed as f64 / process as f64 };
    registry.gauge(&catalogue::TELEMETRY_CPU_ATTRIBUTION_RATIO).get().set(ratio);
}

fn remember(meters: &Mutex<Vec<Weak<Meter>>>, meter: &Arc<Meter>) {
    let mut meters = lock(meters);
    meters.retain(|meter| meter.strong_count() > 0);
    meters.push(Arc::downgrade(meter));
}

fn alive(meters: &Mutex<Vec<Weak<Meter>>>) -> Vec<Arc<Meter>> {
    lock(meters).iter().filter_map(Weak::upgrade).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

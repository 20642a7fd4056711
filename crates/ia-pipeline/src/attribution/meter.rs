//! What measures one pipeline.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ia_metrics_core::{Counter, Registry};
use ia_tracing::Tracer;

use super::account::Account;
use super::hint::Hint;
use super::publisher::Publisher;
use super::{CpuAccounting, CpuUsage, MemoryUsage, PipelineResources, Work, memory, os};
use crate::catalogue;
use crate::metrics::COMPILED_IN;

/// The least time over which a share of the CPU is told.
const LEAST_WINDOW: Duration = Duration::from_secs(1);

/// Measures one pipeline, from its build to the end of its last run.
#[derive(Debug)]
pub(crate) struct Meter {
    name: Arc<str>,
    registry: Registry,
    tracer: Tracer,
    accounting: CpuAccounting,
    /// `None` where nothing can be recorded, or too many pipelines are measured already.
    account: Option<Account>,
    attempts: Vec<Hint>,
    spawned: Hint,
    cpu_seconds: Counter,
    published: Mutex<Published>,
}

/// What was published of the CPU time.
#[derive(Debug)]
struct Published {
    /// Nanoseconds: an estimate may go back a little, a counter must not.
    cpu: u64,
    window: Window,
    /// 100 for one processor.
    percent: Option<f64>,
}

/// Since when a share of the CPU is told.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    cpu: u64,
}

impl Meter {
    /// Without `accounting`, nothing is ever measured.
    pub(crate) fn start(
        name: &Arc<str>,
        steps: usize,
        accounting: Option<CpuAccounting>,
        registry: &Registry,
        tracer: &Tracer,
    ) -> Arc<Self> {
        let account = accounting.and_then(|_| Account::open());
        let accounting =
            accounting.filter(|_| os::has_thread_clock()).unwrap_or(CpuAccounting::Off);
        let window = Window { since: tracer.now(), cpu: 0 };
        let meter = Arc::new(Self {
            name: Arc::clone(name),
            cpu_seconds: registry.counter(&catalogue::PIPELINE_CPU_SECONDS).with([&**name]),
            registry: registry.clone(),
            tracer: tracer.clone(),
            accounting,
            account,
            attempts: std::iter::repeat_with(Hint::default).take(steps).collect(),
            spawned: Hint::default(),
            published: Mutex::new(Published { cpu: 0, window, percent: None }),
        });
        Publisher::publish(registry, &meter);
        meter
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    #[inline]
    pub(super) fn is_on(&self) -> bool {
        COMPILED_IN && self.registry.is_enabled()
    }

    #[inline]
    pub(super) fn accounting(&self) -> CpuAccounting {
        self.accounting
    }

    #[inline]
    pub(super) fn account(&self) -> Option<u16> {
        self.account.as_ref().map(Account::number)
    }

    #[inline]
    pub(super) fn now(&self) -> Instant {
        self.tracer.now()
    }

    #[inline]
    pub(super) fn hint(&self, work: Work) -> &Hint {
        match work {
            Work::Attempt(step) => self.attempts.get(step).unwrap_or(&self.spawned),
            Work::Spawned => &self.spawned,
        }
    }

    pub(crate) fn resources(&self) -> PipelineResources {
        PipelineResources { cpu: self.cpu(), memory: self.memory(os::resident_memory) }
    }

    /// Whether its CPU time is measured.
    pub(super) fn measures_cpu(&self) -> bool {
        self.accounting != CpuAccounting::Off && self.account.is_some()
    }

    /// Its memory; that of the process, which is the same for all pipelines, where nobody knows better.
    pub(super) fn memory(&self, resident: impl FnOnce() -> Option<u64>) -> MemoryUsage {
        match &self.account {
            Some(account) if memory::is_tracked() => MemoryUsage::Pipeline(account.memory()),
            _ => MemoryUsage::Process { resident: resident() },
        }
    }

    /// Brings the counter up to date; the nanoseconds of CPU time that it shows of this pipeline.
    pub(super) fn publish_cpu(&self) -> u64 {
        self.publish(&mut self.published.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The share of the CPU that it took, over the time since the last reading that is at least a second ago.
    pub(super) fn publish_percent(&self) -> Option<f64> {
        if !self.measures_cpu() {
            return None;
        }
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let cpu = self.publish(&mut published);
        let (now, window) = (self.now(), published.window);
        let time = now.saturating_duration_since(window.since);
        let is_long = time >= LEAST_WINDOW;
        if is_long || (published.percent.is_none() && !time.is_zero()) {
            let used = cpu.saturating_sub(window.cpu) as f64;
            published.percent = Some(100.0 * used / time.as_nanos() as f64);
        }
        if is_long {
            published.window = Window { since: now, cpu };
        }
        Some(published.percent.unwrap_or(0.0))
    }

    fn publish(&self, published: &mut Published) -> u64 {
        let cpu = self.account.as_ref().map_or(0, |account| account.cpu().estimate());
        self.cpu_seconds.add(cpu.saturating_sub(published.cpu));
        published.cpu = published.cpu.max(cpu);
        published.cpu
    }

    fn cpu(&self) -> Option<CpuUsage> {
        if !self.measures_cpu() {
            return None;
        }
        let totals = self.account.as_ref()?.cpu();
        let time = Duration::from_nanos(totals.estimate());
        Some(CpuUsage { time, coverage: totals.coverage() })
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        // What was used since the last reading is not lost.
        Publisher::retire(self.publish_cpu());
    }
}

//! What the parts of one run share.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use ia_tracing::{Span, SpanContext};
use tokio_util::sync::CancellationToken;

use super::report::StepReport;
use super::totals::Totals;
use crate::pipeline::Core;

/// Identifies a run: on its spans as `pipeline.run_id`, and to people.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(u64);

/// Why steps that are still under way are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// They are not, or the future of the run was dropped.
    Dropped,
    /// Somebody cancelled the run.
    Cancelled,
    /// The run took too long.
    Deadline,
    /// Another step failed, or the flow came to an end.
    Ended,
}

/// One run: its identity, its clock, its totals, and why it stops.
pub(crate) struct RunState {
    pub(crate) core: Arc<Core>,
    pub(crate) id: RunId,
    pub(crate) parent: Option<SpanContext>,
    pub(crate) token: CancellationToken,
    pub(crate) totals: Totals,
    /// When the run must be done, once it has begun.
    pub(crate) deadline: OnceLock<Instant>,
    /// By link: how often a loop was taken.
    loops: Vec<AtomicU32>,
    span: OnceLock<Span>,
    reports: Mutex<Vec<StepReport>>,
    stop: AtomicU8,
}

impl RunState {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            id: RunId(fastrand::u64(1..)),
            parent: SpanContext::current(),
            token: CancellationToken::new(),
            totals: Totals::default(),
            deadline: OnceLock::new(),
            loops: core.graph.links.iter().map(|_| AtomicU32::new(0)).collect(),
            span: OnceLock::new(),
            reports: Mutex::default(),
            stop: AtomicU8::new(0),
            core,
        }
    }

    /// The span of the run, started on first use.
    pub(crate) fn span(&self) -> &Span {
        self.span.get_or_init(|| {
            let name = self.core.name.to_string();
            let span = self.core.tracer.span(name.clone()).parent(self.parent);
            span.attribute("pipeline.name", name)
                .attribute("pipeline.run_id", self.id.to_string())
                .start()
        })
    }

    pub(crate) fn stop(&self, reason: Stop) {
        self.stop.store(reason as u8, Ordering::Relaxed);
    }

    pub(crate) fn stopped_by(&self) -> Stop {
        match self.stop.load(Ordering::Relaxed) {
            1 => Stop::Cancelled,
            2 => Stop::Deadline,
            3 => Stop::Ended,
            _ => Stop::Dropped,
        }
    }

    /// Counts a loop; how often it was taken before.
    pub(crate) fn take_loop(&self, link: usize) -> u32 {
        self.loops[link].fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn report(&self, report: StepReport) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }

    pub(crate) fn take_reports(&self) -> Vec<StepReport> {
        std::mem::take(&mut self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Display for RunId {
    /// Sixteen lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({self})")
    }
}

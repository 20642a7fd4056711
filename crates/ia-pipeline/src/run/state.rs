//! What the parts of one run share.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ia_tracing::{Span, SpanContext};
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::report::StepReport;
use super::resume::{Answers, Beginning};
use super::tasks::Tasks;
use super::totals::Totals;
use crate::BudgetExceeded;
use crate::budget::{Amount, RunBudgets};
use crate::error_type::{BUDGET_EXCEEDED, TIMEOUT};
use crate::pipeline::Core;
use crate::stream::Taking;

/// Identifies a run: on its spans as `pipeline.run_id`, and to people.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(u64);

/// A text is not the identity of a run.
#[derive(Clone, PartialEq, Eq)]
pub struct ParseRunIdError;

/// One run: its identity, its deadline, its totals, and why it stops.
pub(crate) struct RunState {
    pub(crate) core: Arc<Core>,
    pub(crate) id: RunId,
    pub(crate) parent: Option<SpanContext>,
    pub(crate) token: CancellationToken,
    pub(crate) totals: Totals,
    pub(crate) tasks: Tasks,
    /// When the run must be done, once it has begun.
    pub(crate) deadline: OnceLock<Instant>,
    /// `None` where nothing limits what it spends.
    pub(crate) budgets: Option<RunBudgets>,
    /// By link: how often a loop was taken.
    loops: Vec<AtomicU32>,
    span: OnceLock<Span>,
    reports: Mutex<Vec<StepReport>>,
    /// What everything under way fails with as the run ends; unset where it is cancelled.
    failing: OnceLock<&'static str>,
    /// How long the run was active before it was resumed.
    pub(crate) active_before: Duration,
    answers: Mutex<Answers>,
    /// The streams that steps take, by step. Nothing where there are none.
    taken: OnceLock<Mutex<Vec<(usize, Taking)>>>,
}

impl RunState {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self::with_id(core, RunId(fastrand::u64(1..)))
    }

    /// A run that goes on: with its identity, in its trace, with what its steps have reported and spent.
    pub(crate) fn resumed(core: Arc<Core>, id: RunId, beginning: &Beginning) -> Self {
        let mut run = Self::with_id(core, id);
        let Some(document) = &beginning.document else { return run };
        run.parent = document.span().or(run.parent);
        run.active_before = Duration::from_nanos(document.active_nanos);
        run.answers = Mutex::new(document.answers());
        run.totals.add(document.spent);
        for (record, again) in document.steps.iter().zip(&beginning.again) {
            if *again {
                // It was spent all the same.
                run.totals.add(record.totals.money());
                continue;
            }
            run.totals.add(record.totals);
            run.report(StepReport::restored(&run.core.plans[record.step].name, record));
        }
        if let Some(budgets) = &run.budgets {
            let (cost, tokens) = (run.totals.cost(), run.totals.tokens());
            let tokens = tokens.input().saturating_add(tokens.output());
            budgets.restore(Amount::new(cost, tokens, run.totals.api_calls()));
        }
        run
    }

    fn with_id(core: Arc<Core>, id: RunId) -> Self {
        Self {
            id,
            parent: SpanContext::current(),
            token: CancellationToken::new(),
            totals: Totals::default(),
            tasks: Tasks::default(),
            deadline: OnceLock::new(),
            budgets: RunBudgets::new(&core.budgets),
            loops: core.graph.links.iter().map(|_| AtomicU32::new(0)).collect(),
            span: OnceLock::new(),
            reports: Mutex::default(),
            failing: OnceLock::new(),
            active_before: Duration::ZERO,
            answers: Mutex::default(),
            taken: OnceLock::new(),
            core,
        }
    }

    /// The span of the run, started on first use.
    pub(crate) fn span(&self) -> &Span {
        self.span.get_or_init(|| {
            if !self.core.is_traced() {
                return Span::non_recording(self.parent);
            }
            let name = self.core.name.to_string();
            let span = self.core.tracer.span(name.clone()).parent(self.parent);
            span.attribute("pipeline.name", name)
                .attribute("pipeline.run_id", self.id.to_string())
                .start()
        })
    }

    /// A step begins to take a stream.
    pub(crate) fn takes(&self, step: usize, stream: Taking) {
        let taken = self.taken.get_or_init(Mutex::default);
        taken.lock().unwrap_or_else(PoisonError::into_inner).push((step, stream));
    }

    /// A step has ended: nobody takes its streams any more.
    pub(crate) fn has_taken(&self, step: usize) {
        let Some(taken) = self.taken.get() else { return };
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let ended: Vec<Taking> =
            taken.extract_if(.., |(of, _)| *of == step).map(|(_, stream)| stream).collect();
        drop(taken);
        ended.into_iter().for_each(Taking::end);
    }

    /// Tells everything that is still under way that the run ends. Call it before it is dropped, so that it knows why.
    pub(crate) fn stop(&self) {
        self.token.cancel();
    }

    /// As [`stop`](Self::stop), because the run took too long.
    pub(crate) fn stop_overdue(&self) {
        self.failing.get_or_init(|| TIMEOUT);
        self.stop();
    }

    /// As [`stop`](Self::stop), because the run exceeded its budget.
    pub(crate) fn stop_over_budget(&self) {
        self.failing.get_or_init(|| BUDGET_EXCEEDED);
        self.stop();
    }

    /// What whatever is dropped now fails with, unless it is cancelled.
    pub(crate) fn failing(&self) -> Option<&'static str> {
        self.failing.get().copied()
    }

    /// Why the run is to stop for its budget, where it is.
    pub(crate) fn over_budget(&self) -> Option<BudgetExceeded> {
        self.budgets.as_ref()?.stopped(&self.core.tracer)
    }

    /// Whether the run has come to its deadline, if it has one.
    pub(crate) fn is_past_deadline(&self) -> bool {
        self.deadline.get().is_some_and(|deadline| self.core.tracer.now() >= *deadline)
    }

    /// Counts a loop; how often it was taken before.
    pub(crate) fn take_loop(&self, link: usize) -> u32 {
        self.loops[link].fetch_add(1, Ordering::Relaxed)
    }

    /// What a person answered to a question of a step.
    pub(crate) fn answer(&self, step: usize, number: u32) -> Option<Arc<RawValue>> {
        self.answers().get(&(step, number)).cloned()
    }

    /// A step has ended: when it runs again, in a loop, it asks anew.
    pub(crate) fn forget_answers(&self, step: usize) {
        self.answers().retain(|(asked, _), _| *asked != step);
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn report(&self, report: StepReport) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }

    pub(crate) fn take_reports(&self) -> Vec<StepReport> {
        std::mem::take(&mut self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RunId {
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for RunId {
    type Err = ParseRunIdError;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if text.len() != 16 || !text.bytes().all(digits) {
            return Err(ParseRunIdError);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| ParseRunIdError)
    }
}

impl fmt::Display for ParseRunIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the identity of a run: it is sixteen lower-case hexadecimal digits")
    }
}

impl fmt::Debug for ParseRunIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ParseRunIdError {}

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

//! What one run does with its budgets.

use std::error::Error;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ia_tracing::{Span, Tracer, Value};

use super::{Amount, Ask, BudgetExceeded, BudgetLimit, Budgets, OnExceeded, SharedBudget};

/// The most refusals that a run remembers; a step that goes on asking fails with one of the latest.
const MOST_REFUSALS: usize = 64;

/// The budgets of one run.
pub(crate) struct RunBudgets {
    accounts: Vec<Account>,
    /// The refusals of this run, by which an error of a step is told to come from one.
    refusals: Mutex<Vec<BudgetExceeded>>,
}

struct Account {
    budget: SharedBudget,
    /// Whether it is the run's alone.
    own: bool,
    /// When its time is over, once the run has begun.
    over: OnceLock<Instant>,
    warned: AtomicBool,
}

impl RunBudgets {
    /// `None` where the pipeline has no budgets.
    pub(crate) fn new(budgets: &Budgets) -> Option<Self> {
        let account = |(budget, own)| Account {
            budget,
            own,
            over: OnceLock::new(),
            warned: AtomicBool::new(false),
        };
        (!budgets.is_empty()).then(|| Self {
            accounts: budgets.of_run().map(account).collect(),
            refusals: Mutex::default(),
        })
    }

    /// The run begins, or goes on after it was active for some time.
    pub(crate) fn begin(&self, now: Instant, active_before: Duration) {
        for account in &self.accounts {
            let before = if account.own { active_before } else { Duration::ZERO };
            if let Some(over) = account.budget.begin(now, before) {
                account.over.get_or_init(|| over);
            }
        }
    }

    /// Counts what the run had spent before it was resumed. Budgets that it shares have counted that.
    pub(crate) fn restore(&self, spent: Amount) {
        for account in self.accounts.iter().filter(|account| account.own) {
            account.budget.settle(Amount::default(), spent);
        }
    }

    /// Sets aside what fits into all budgets; those that only warn are told.
    pub(super) fn reserve(
        &self,
        ask: &Ask<'_>,
        tracer: &Tracer,
        span: &Span,
    ) -> Result<(), BudgetExceeded> {
        for (at, account) in self.accounts.iter().enumerate() {
            let overdue = account.overdue(tracer).map_or(Ok(()), Err);
            let reserved = overdue.and_then(|()| account.budget.reserve(ask));
            match reserved {
                Ok(()) => {}
                Err(exceeded) if exceeded.on_exceeded() == OnExceeded::Warn => {
                    account.warn(&exceeded, span);
                    account.budget.reserve_anyway(ask.amount());
                }
                Err(exceeded) => {
                    let before = &self.accounts[..at];
                    before.iter().for_each(|account| account.budget.release(ask.amount()));
                    self.note(&exceeded);
                    return Err(exceeded);
                }
            }
        }
        Ok(())
    }

    pub(super) fn release(&self, held: Amount) {
        self.accounts.iter().for_each(|account| account.budget.release(held));
    }

    /// Counts what was spent in place of what was set aside.
    pub(crate) fn settle(&self, held: Amount, spent: Amount, span: &Span) {
        for account in &self.accounts {
            if let Some(exceeded) = account.budget.settle(held, spent)
                && exceeded.on_exceeded() == OnExceeded::Warn
            {
                account.warn(&exceeded, span);
            }
        }
    }

    /// Why the run is to stop, where it is.
    pub(crate) fn stopped(&self, tracer: &Tracer) -> Option<BudgetExceeded> {
        let stops = |exceeded: &BudgetExceeded| exceeded.on_exceeded() == OnExceeded::Stop;
        self.accounts.iter().find_map(|account| {
            account.budget.stopped().or_else(|| account.overdue(tracer).filter(stops))
        })
    }

    /// Resolves when the run is to stop.
    pub(crate) async fn stop(&self, tracer: &Tracer, span: &Span) -> BudgetExceeded {
        let accounts = self.accounts.iter().map(|account| account.stop(tracer, span));
        match accounts.collect::<FuturesUnordered<_>>().next().await {
            Some(exceeded) => exceeded,
            None => pending().await,
        }
    }

    /// How long it is until the run is stopped; `None` where time is not limited.
    pub(crate) fn time_left(&self, now: Instant) -> Option<Duration> {
        let stopping =
            self.accounts.iter().filter(|account| account.reaction() == OnExceeded::Stop);
        let left =
            stopping.filter_map(|account| Some(account.over.get()?.saturating_duration_since(now)));
        left.min()
    }

    /// What the error of a step that comes from a refusal of this run means for the run. It is recognised by its words:
    /// errors that carry any other (`anyhow`, `format!`) hide its type.
    pub(crate) fn refused_in(&self, error: &(dyn Error + 'static)) -> Option<OnExceeded> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if refusals.is_empty() {
            return None;
        }
        let mut next = Some(error);
        while let Some(error) = next {
            let told = error.to_string();
            let refusal = refusals.iter().find(|refusal| told.contains(&refusal.to_string()));
            if let Some(refusal) = refusal {
                return Some(refusal.on_exceeded());
            }
            next = error.source();
        }
        None
    }

    fn note(&self, exceeded: &BudgetExceeded) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if !refusals.contains(exceeded) {
            if refusals.len() == MOST_REFUSALS {
                refusals.remove(0);
            }
            refusals.push(exceeded.clone());
        }
    }
}

impl Account {
    fn reaction(&self) -> OnExceeded {
        self.budget.budget().on_exceeded
    }

    fn overdue(&self, tracer: &Tracer) -> Option<BudgetExceeded> {
        let over = self.over.get().filter(|over| tracer.now() >= **over);
        over.and_then(|_| self.out_of_time())
    }

    fn out_of_time(&self) -> Option<BudgetExceeded> {
        let limit = BudgetLimit::Wall { limit: self.budget.budget().wall? };
        Some(BudgetExceeded::spent(limit, self.reaction()))
    }

    async fn stop(&self, tracer: &Tracer, span: &Span) -> BudgetExceeded {
        let overdue = async {
            let exceeded = match self.over.get() {
                Some(over) if self.reaction() != OnExceeded::Fallback => {
                    tokio::time::sleep(over.saturating_duration_since(tracer.now())).await;
                    self.out_of_time()
                }
                _ => None,
            };
            match exceeded {
                Some(exceeded) if self.reaction() == OnExceeded::Stop => exceeded,
                Some(exceeded) => {
                    self.warn(&exceeded, span);
                    pending().await
                }
                None => pending().await,
            }
        };
        let stopped = async {
            self.budget.stop().await;
            match self.budget.stopped() {
                Some(exceeded) => exceeded,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            exceeded = stopped => exceeded,
            exceeded = overdue => exceeded,
        }
    }

    /// Says once that the run goes on over budget.
    fn warn(&self, exceeded: &BudgetExceeded, span: &Span) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            let attributes: [(_, Value); 2] = [
                ("budget.limit", exceeded.limit().name().into()),
                ("budget.message", exceeded.to_string().into()),
            ];
            span.add_event("budget_exceeded", attributes);
        }
    }
}

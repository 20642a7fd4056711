//! A budget that runs share, and its book-keeping.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::amount::{Cost, count, dollars};
use super::{Amount, Ask, Budget, BudgetExceeded, BudgetLimit, OnExceeded, Remaining, Spending};

/// A budget that all runs share, of all the pipelines that it is given to. Cheap to clone: clones are one budget.
///
/// It lives as long as the process does, and is not saved by checkpoints: what a run that is resumed by another process
/// had spent before is not counted in it again.
///
/// One that is exceeded stays so: with [`OnExceeded::Stop`] it stops all its runs, and each that begins afterwards.
///
/// ```
/// use ia_pipeline::{Budget, Pipeline, SharedBudget, StepContext, Usd, usd};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// async fn look_up(ctx: StepContext, (): ()) -> Result<(), std::io::Error> {
///     ctx.api_call("maps").cost(usd("0.005")).record();
///     Ok(())
/// }
///
/// let today = SharedBudget::new(Budget::usd("20.00"));
/// let pipeline = Pipeline::builder("maps").step("look_up", look_up).budget(today.clone()).build()?;
/// pipeline.run(()).await?;
/// pipeline.run(()).await?;
/// assert_eq!((today.spent().cost, today.remaining().cost), (usd("0.01"), Some(usd("19.99"))));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SharedBudget(Arc<Ledger>);

struct Ledger {
    budget: Budget,
    sums: Mutex<Sums>,
    /// When its first run began.
    began: OnceLock<Instant>,
    /// What exceeded it first.
    exceeded: OnceLock<BudgetExceeded>,
    /// Cancelled once it is exceeded, where that stops runs.
    stop: CancellationToken,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    spent: Amount,
    reserved: Amount,
}

impl SharedBudget {
    /// A budget that nothing has been spent of.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self(Arc::new(Ledger {
            budget,
            sums: Mutex::default(),
            began: OnceLock::new(),
            exceeded: OnceLock::new(),
            stop: CancellationToken::new(),
        }))
    }

    /// What was spent.
    #[must_use]
    pub fn spent(&self) -> Spending {
        self.sums().spent.into()
    }

    /// What is reserved for calls under way.
    #[must_use]
    pub fn reserved(&self) -> Spending {
        self.sums().reserved.into()
    }

    /// What is neither spent nor reserved.
    #[must_use]
    pub fn remaining(&self) -> Remaining {
        let (used, budget) = (self.sums().used(), &self.0.budget);
        let left = |limit: u64, used: u128| count(u128::from(limit).saturating_sub(used));
        Remaining {
            cost: budget.cost.map(|limit| dollars(nanos(limit).saturating_sub(used.nanos))),
            tokens: budget.tokens.map(|limit| left(limit, used.tokens)),
            calls: budget.calls.map(|limit| left(limit, used.calls)),
        }
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A run begins, or goes on after some time; when the budget's time is over.
    pub(super) fn begin(&self, now: Instant, before: Duration) -> Option<Instant> {
        let left = self.0.budget.wall?.saturating_sub(before);
        self.0.began.get_or_init(|| now).checked_add(left)
    }

    /// Sets aside what fits; else, says why it does not.
    pub(super) fn reserve(&self, ask: &Ask<'_>) -> Result<(), BudgetExceeded> {
        let (amount, reaction) = (ask.amount(), self.0.budget.on_exceeded);
        if let Cost::Unpriced { model, refused } = ask.cost
            && self.0.budget.cost.is_some()
        {
            let (model, refused) = (model.map(str::to_owned), refused.map(str::to_owned));
            return Err(BudgetExceeded::refused(
                BudgetLimit::Unpriced { model, refused },
                reaction,
            ));
        }
        let mut sums = self.sums();
        if let Some(limit) = self.in_the_way(sums.used(), amount) {
            return Err(BudgetExceeded::refused(limit, reaction));
        }
        sums.reserved = sums.reserved.plus(amount);
        Ok(())
    }

    /// Sets it aside, whether it fits or not.
    pub(super) fn reserve_anyway(&self, amount: Amount) {
        let mut sums = self.sums();
        sums.reserved = sums.reserved.plus(amount);
    }

    /// Gives back what was set aside.
    pub(super) fn release(&self, held: Amount) {
        let mut sums = self.sums();
        sums.reserved = sums.reserved.minus(held);
    }

    /// Gives back what was set aside and counts what was spent instead; the error, where that is more than the limit.
    pub(super) fn settle(&self, held: Amount, spent: Amount) -> Option<BudgetExceeded> {
        let mut sums = self.sums();
        let before = sums.spent;
        sums.reserved = sums.reserved.minus(held);
        sums.spent = sums.spent.plus(spent);
        drop(sums);
        let limit = self.in_the_way(before, spent)?;
        let exceeded = BudgetExceeded::spent(limit, self.0.budget.on_exceeded);
        self.0.exceeded.get_or_init(|| exceeded.clone());
        if self.0.budget.on_exceeded == OnExceeded::Stop {
            self.0.stop.cancel();
        }
        Some(exceeded)
    }

    /// Why all its runs are to stop, where they are.
    pub(super) fn stopped(&self) -> Option<BudgetExceeded> {
        if self.0.stop.is_cancelled() { self.0.exceeded.get().cloned() } else { None }
    }

    /// Resolves when all its runs are to stop.
    pub(super) async fn stop(&self) {
        self.0.stop.cancelled().await;
    }

    /// The first limit that what is used and what is added exceed together.
    fn in_the_way(&self, used: Amount, more: Amount) -> Option<BudgetLimit> {
        let Budget { cost, tokens, calls, .. } = self.0.budget;
        let exceeds = |limit: u128, used: u128, more: u128| used.saturating_add(more) > limit;
        if let Some(limit) = cost.filter(|limit| exceeds(nanos(*limit), used.nanos, more.nanos)) {
            let left = dollars(nanos(limit).saturating_sub(used.nanos));
            return Some(BudgetLimit::Cost { asked: dollars(more.nanos), left, limit });
        }
        if let Some(limit) =
            tokens.filter(|limit| exceeds((*limit).into(), used.tokens, more.tokens))
        {
            let left = count(u128::from(limit).saturating_sub(used.tokens));
            return Some(BudgetLimit::Tokens { asked: count(more.tokens), left, limit });
        }
        let limit = calls.filter(|limit| exceeds((*limit).into(), used.calls, more.calls))?;
        let left = count(u128::from(limit).saturating_sub(used.calls));
        Some(BudgetLimit::Calls { asked: count(more.calls), left, limit })
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.0.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sums {
    fn used(&self) -> Amount {
        self.spent.plus(self.reserved)
    }
}

fn nanos(limit: crate::Usd) -> u128 {
    u128::try_from(limit.as_nanos()).unwrap_or(0)
}

impl fmt::Debug for SharedBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedBudget")
            .field("budget", &self.0.budget)
            .field("spent", &self.spent())
            .field("reserved", &self.reserved())
            .finish_non_exhaustive()
    }
}

//! What is set aside for one call or cost.

use std::sync::Arc;

use super::{Amount, Ask, BudgetExceeded};
use crate::Usd;
use crate::run::RunState;

/// What is set aside in all budgets of a run. Dropped, it is given back.
pub(crate) struct Hold {
    run: Arc<RunState>,
    /// Nothing once it is settled.
    held: Amount,
}

impl Hold {
    pub(crate) fn new(run: &Arc<RunState>, ask: &Ask<'_>) -> Result<Self, BudgetExceeded> {
        if let Some(budgets) = &run.budgets {
            budgets.reserve(ask, &run.core.tracer, run.span())?;
        }
        Ok(Self { run: Arc::clone(run), held: ask.amount() })
    }

    /// For what was not reserved.
    pub(crate) fn nothing(run: &Arc<RunState>) -> Self {
        Self { run: Arc::clone(run), held: Amount::default() }
    }

    /// Counts what was spent in its place. Afterwards nothing is held.
    pub(crate) fn settle(&mut self, spent: Amount) {
        let held = std::mem::take(&mut self.held);
        if let Some(budgets) = &self.run.budgets {
            budgets.settle(held, spent, self.run.span());
        }
    }
}

impl Hold {
    /// Counts all that is held as spent, as nobody knows what was; one call, where nothing is held.
    pub(crate) fn keep(&mut self) {
        let held =
            if self.held == Amount::default() { Amount::new(Usd::ZERO, 0, 1) } else { self.held };
        self.settle(held);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(budgets) = self.run.budgets.as_ref().filter(|_| self.held != Amount::default())
        {
            budgets.release(self.held);
        }
    }
}

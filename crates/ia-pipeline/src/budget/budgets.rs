//! The budgets of a pipeline.

use super::{Budget, SharedBudget};

/// Whose budget it is: what [`PipelineBuilder::budget`](crate::PipelineBuilder::budget) takes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum BudgetScope {
    /// That of each run.
    Run(Budget),
    /// That of all runs together.
    Shared(SharedBudget),
}

/// The budgets of a pipeline: one for each run, and those that its runs share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budgets {
    run: Option<Budget>,
    shared: Vec<SharedBudget>,
}

impl Budgets {
    pub(crate) fn add(&mut self, budget: BudgetScope) {
        match budget {
            BudgetScope::Run(budget) => self.run = Some(budget),
            BudgetScope::Shared(budget) => {
                // Given twice, it would pay twice.
                if !self.shared.iter().any(|known| known.is(&budget)) {
                    self.shared.push(budget);
                }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.run.is_none() && self.shared.is_empty()
    }

    /// Those of a run that is to begin, and whether each is its own.
    pub(super) fn of_run(&self) -> impl Iterator<Item = (SharedBudget, bool)> {
        let own = self.run.map(|budget| (SharedBudget::new(budget), true));
        own.into_iter().chain(self.shared.iter().map(|budget| (budget.clone(), false)))
    }
}

impl From<Budget> for BudgetScope {
    fn from(budget: Budget) -> Self {
        Self::Run(budget)
    }
}

impl From<SharedBudget> for BudgetScope {
    fn from(budget: SharedBudget) -> Self {
        Self::Shared(budget)
    }
}

impl From<&SharedBudget> for BudgetScope {
    fn from(budget: &SharedBudget) -> Self {
        Self::Shared(budget.clone())
    }
}

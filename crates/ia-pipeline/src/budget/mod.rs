//! What runs may spend: reserved before a call, settled after it.

mod amount;
mod budgets;
mod exceeded;
mod hold;
mod ledger;
mod limits;
mod reservation;
mod run_budgets;

pub(crate) use self::amount::{Amount, Ask, Cost};
pub use self::amount::{Remaining, Spending};
pub use self::budgets::BudgetScope;
pub(crate) use self::budgets::Budgets;
pub use self::exceeded::{BudgetExceeded, BudgetLimit};
pub(crate) use self::hold::Hold;
pub use self::ledger::SharedBudget;
pub use self::limits::{Budget, OnExceeded};
pub use self::reservation::Reservation;
pub(crate) use self::run_budgets::RunBudgets;

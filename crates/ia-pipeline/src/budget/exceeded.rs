//! A budget is not enough.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::OnExceeded;
use crate::Usd;

/// A budget is not enough: a reservation was refused, or too much was spent.
///
/// A step returns it, by itself or within its own error, so that the run ends as its budget says: the name of the error
/// is then `budget_exceeded`, whatever else it is wrapped in. A step may also handle it and do something cheaper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetExceeded {
    limit: BudgetLimit,
    spent: bool,
    on_exceeded: OnExceeded,
}

/// Which limit of a budget was in the way, what was asked for, and what was left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetLimit {
    /// More calls than were left.
    Calls {
        /// How many were asked for, or made.
        asked: u64,
        /// How many were left.
        left: u64,
        /// The limit.
        limit: u64,
    },
    /// More dollars than were left.
    Cost {
        /// How much was asked for, or spent.
        asked: Usd,
        /// How much was left.
        left: Usd,
        /// The limit.
        limit: Usd,
    },
    /// More tokens than were left.
    Tokens {
        /// How many were asked for, or used.
        asked: u64,
        /// How many were left.
        left: u64,
        /// The limit.
        limit: u64,
    },
    /// The price of the call is not known, so nobody can say whether the dollars that are left are enough.
    Unpriced {
        /// The model, where one was named.
        model: Option<String>,
        /// Why the model has no price, where its entry in the price file was refused.
        refused: Option<String>,
    },
    /// The time is over.
    Wall {
        /// The limit.
        limit: Duration,
    },
}

impl BudgetExceeded {
    pub(super) fn refused(limit: BudgetLimit, on_exceeded: OnExceeded) -> Self {
        Self { limit, spent: false, on_exceeded }
    }

    pub(super) fn spent(limit: BudgetLimit, on_exceeded: OnExceeded) -> Self {
        Self { limit, spent: true, on_exceeded }
    }

    /// Which limit was in the way, what was asked for, and what was left.
    #[must_use]
    pub fn limit(&self) -> &BudgetLimit {
        &self.limit
    }

    /// Whether it was spent already, without a reservation of that much; else it was refused.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent
    }

    /// What the budget says is to happen.
    #[must_use]
    pub fn on_exceeded(&self) -> OnExceeded {
        self.on_exceeded
    }
}

impl BudgetLimit {
    /// A word for it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Calls { .. } => "calls",
            Self::Cost { .. } => "cost",
            Self::Tokens { .. } => "tokens",
            Self::Unpriced { .. } => "unpriced",
            Self::Wall { .. } => "wall",
        }
    }
}

impl fmt::Display for BudgetExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the budget ")?;
        match &self.limit {
            BudgetLimit::Calls { asked, left, limit } => {
                self.told(f, &format!("{left} of {limit} calls"), &asked.to_string())
            }
            BudgetLimit::Cost { asked, left, limit } => {
                self.told(f, &format!("{left} of {limit}"), &asked.to_string())
            }
            BudgetLimit::Tokens { asked, left, limit } => {
                self.told(f, &format!("{left} of {limit} tokens"), &asked.to_string())
            }
            BudgetLimit::Unpriced { model: Some(model), refused } => {
                write!(f, "is in dollars, but the price of `{}` is not known", model.escape_debug())?;
                if let Some(refused) = refused {
                    write!(f, ", as its entry was refused: {refused}")?;
                }
                f.write_str("; add it to the price book given by `.prices(…)`, or say `.cost(…)`")
            }
            BudgetLimit::Unpriced { model: None, .. } => f.write_str(
                "is in dollars, but the price of a call without a model is not known; say `.cost(…)`, or name a model of the price book",
            ),
            BudgetLimit::Wall { limit } => {
                write!(f, "of {limit:?} is over; raise it, or do less in one run")
            }
        }
    }
}

impl BudgetExceeded {
    fn told(&self, f: &mut fmt::Formatter<'_>, left: &str, asked: &str) -> fmt::Result {
        if self.spent {
            write!(
                f,
                "had {left} left, but {asked} more were spent; raise it, or reserve each call before it is made"
            )
        } else {
            write!(
                f,
                "has {left} left, but {asked} more are asked for; raise it, ask for less, or wait for calls under way, whose reservations are not left either"
            )
        }
    }
}

impl Error for BudgetExceeded {}

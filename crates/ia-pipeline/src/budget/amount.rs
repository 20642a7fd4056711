//! Sums of what is spent.

use crate::Usd;

/// What was spent, or is reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spending {
    /// What it costs, as far as prices are known.
    pub cost: Usd,
    /// The tokens read and written together.
    pub tokens: u64,
    /// How many calls.
    pub calls: u64,
}

/// What a budget has left: `None` where it has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remaining {
    /// In dollars.
    pub cost: Option<Usd>,
    /// In tokens.
    pub tokens: Option<u64>,
    /// In calls.
    pub calls: Option<u64>,
}

/// An amount that is added up, so wide that no sum wraps: what is reserved must be given back exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(super) nanos: u128,
    pub(super) tokens: u128,
    pub(super) calls: u128,
}

/// What a reservation asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) tokens: u64,
    pub(crate) calls: u64,
    pub(crate) cost: Cost<'a>,
}

/// What is known of a cost beforehand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cost<'a> {
    Known(Usd),
    /// Nobody knows the price: of this model, whose entry in the price book was refused for this reason.
    Unpriced {
        model: Option<&'a str>,
        refused: Option<&'a str>,
    },
}

impl Amount {
    /// A negative cost counts as none.
    pub(crate) fn new(cost: Usd, tokens: u64, calls: u64) -> Self {
        Self {
            nanos: u128::try_from(cost.as_nanos()).unwrap_or(0),
            tokens: tokens.into(),
            calls: calls.into(),
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            nanos: self.nanos.saturating_add(other.nanos),
            tokens: self.tokens.saturating_add(other.tokens),
            calls: self.calls.saturating_add(other.calls),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            nanos: self.nanos.saturating_sub(other.nanos),
            tokens: self.tokens.saturating_sub(other.tokens),
            calls: self.calls.saturating_sub(other.calls),
        }
    }
}

impl Ask<'_> {
    pub(super) fn amount(&self) -> Amount {
        let cost = match self.cost {
            Cost::Known(cost) => cost,
            Cost::Unpriced { .. } => Usd::ZERO,
        };
        Amount::new(cost, self.tokens, self.calls)
    }
}

impl From<Amount> for Spending {
    fn from(amount: Amount) -> Self {
        Self {
            cost: dollars(amount.nanos),
            tokens: count(amount.tokens),
            calls: count(amount.calls),
        }
    }
}

pub(super) fn dollars(nanos: u128) -> Usd {
    Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}

pub(super) fn count(n: u128) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

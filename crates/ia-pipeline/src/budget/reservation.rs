//! A cost that was reserved.

use std::fmt;

use super::{Amount, Hold};
use crate::{StepContext, Usd};

/// A cost that the budget has set aside. Dropped before it is [`settle`](Self::settle)d, it is given back. Made by
/// [`StepContext::reserve`].
#[must_use = "dropping it gives the reservation back"]
pub struct Reservation {
    ctx: StepContext,
    hold: Hold,
    reserved: Usd,
}

impl Reservation {
    pub(crate) fn new(ctx: StepContext, hold: Hold, reserved: Usd) -> Self {
        Self { ctx, hold, reserved }
    }

    /// Counts what it came to, more or less than was reserved. A negative amount is refused and noted, as by
    /// [`StepContext::cost`].
    pub fn settle(mut self, cost: Usd) {
        let counted = self.ctx.count_cost(cost);
        self.hold.settle(Amount::new(counted, 0, 0));
    }

    /// How much was reserved.
    #[must_use]
    pub fn reserved(&self) -> Usd {
        self.reserved
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("reserved", &self.reserved).finish_non_exhaustive()
    }
}

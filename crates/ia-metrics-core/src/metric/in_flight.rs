//! What is in flight, counted by a guard.

use std::fmt::Debug;

use crate::Gauge;

/// One thing in flight, counted until this is dropped. Made by [`Gauge::in_flight`](crate::Gauge::in_flight) and
/// [`UpDownCounter::in_flight`](crate::UpDownCounter::in_flight).
///
/// The guard subtracts what it added, whatever happens in between: a panic, a dropped future, a registry switched off. So
/// the number always comes back to where it was.
#[derive(Debug)]
#[must_use = "dropping it at once counts nothing"]
pub struct InFlight<M: Countable = Gauge> {
    metric: Option<M>,
}

/// What can count things in flight: [`Gauge`](crate::Gauge) and [`UpDownCounter`](crate::UpDownCounter).
pub trait Countable: sealed::Countable + Debug {}

impl<M: sealed::Countable + Debug> Countable for M {}

impl<M: Countable> InFlight<M> {
    pub(super) fn new(metric: Option<M>) -> Self {
        Self { metric }
    }
}

impl<M: Countable> Drop for InFlight<M> {
    fn drop(&mut self) {
        if let Some(metric) = &self.metric {
            metric.one_less();
        }
    }
}

pub(super) mod sealed {
    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Countable {
        /// Subtracts one, also where the registry is off.
        fn one_less(&self);
    }
}

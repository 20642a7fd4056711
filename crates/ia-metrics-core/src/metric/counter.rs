//! Counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sealed;
use crate::shared::Shared;
use crate::snapshot::PointData;
use crate::value::ValueType;
use crate::{Descriptor, Kind, Number};

/// A total that only grows. Bind it once, then count.
///
/// Amounts are unsigned, so a counter cannot go down. It wraps at 2^64, which readers take for a restart: with a
/// [`Scale::NANO`](crate::Scale::NANO) that is 18 billion dollars, or 584 years.
#[derive(Clone, Debug)]
pub struct Counter {
    cell: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `amount`, in the descriptor's scale.
    pub fn add(&self, amount: u64) {
        if self.shared.is_enabled() {
            self.cell.fetch_add(amount, Ordering::Relaxed);
        }
    }

    /// The total so far, in the descriptor's scale. For tests and displays; exporters read a
    /// [`Snapshot`](crate::Snapshot).
    #[must_use]
    pub fn value(&self) -> u64 {
        self.cell.load(Ordering::Relaxed)
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl sealed::Metric for Counter {
    const KIND: Kind = Kind::Counter;
    const VALUE: ValueType = ValueType::Unsigned;
    type Cell = AtomicU64;

    fn cell(_: &Descriptor, _: &Shared) -> AtomicU64 {
        AtomicU64::new(0)
    }

    fn handle(cell: Arc<AtomicU64>, shared: Arc<Shared>) -> Self {
        Self { cell, shared }
    }

    fn read(cell: &AtomicU64, descriptor: &Descriptor, _: &Shared) -> PointData {
        PointData::Counter(Number::Unsigned(cell.load(Ordering::Relaxed), descriptor.scale()))
    }
}

//! Counters.

use std::sync::atomic::Ordering;

use super::sealed;
use crate::Kind;
use crate::series::{Route, SeriesRef};
use crate::slab::{self, domain};
use crate::value::ValueType;

/// A total that only grows. Bind it once, then count.
///
/// Amounts are unsigned, so a counter cannot go down. It wraps at 2^64, which readers take for a restart: with a
/// [`Scale::NANO`](crate::Scale::NANO) that is 18 billion dollars, or 584 years.
#[derive(Clone, Debug)]
pub struct Counter {
    series: SeriesRef,
}

impl Counter {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `amount`, in the descriptor's scale.
    #[inline]
    pub fn add(&self, amount: u64) {
        let Some(slot) = self.series.slot() else {
            if !self.series.is_off() {
                self.add_slowly(amount);
            }
            return;
        };
        let Some(slab) = slab::current() else { return self.add_slowly(amount) };
        slab.add(slot, amount);
    }

    /// Raises the total to this one, in the descriptor's scale; a total that is there already, or beyond it, stays.
    ///
    /// For totals that somebody else keeps. Amounts that were added count as part of the total.
    #[cfg(any(feature = "metrics", feature = "process"))]
    pub(crate) fn raise_to(&self, total: u64) {
        use std::sync::{Mutex, PoisonError};

        /// Two who raise at once must not both add what is missing.
        static RAISING: Mutex<()> = Mutex::new(());
        if self.series.family().is_enabled() {
            let _alone = RAISING.lock().unwrap_or_else(PoisonError::into_inner);
            let missing = total.saturating_sub(self.value());
            self.series.cells()[0].fetch_add(missing, Ordering::Relaxed);
        }
    }

    /// The total so far, in the descriptor's scale. For tests and displays, as it looks at every thread; exporters read a
    /// [`Snapshot`](crate::Snapshot).
    #[must_use]
    pub fn value(&self) -> u64 {
        let threads = self.series.head().slot().map_or(0, |slot| domain().total(slot));
        threads.wrapping_add(self.series.cells()[0].load(Ordering::Relaxed))
    }

    #[cold]
    fn add_slowly(&self, amount: u64) {
        match self.series.route() {
            Route::Off => return,
            Route::Slab(slab, slot) => slab.add(slot, amount),
            Route::Shared(cells) => {
                cells[0].fetch_add(amount, Ordering::Relaxed);
            }
        }
        // Nothing added is an example of nothing.
        if amount > 0 {
            self.series.family().offer_exemplar(self.series.head(), 0, amount);
        }
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl sealed::Metric for Counter {
    const KIND: Kind = Kind::Counter;
    const VALUE: ValueType = ValueType::Unsigned;

    #[inline]
    fn new(series: SeriesRef) -> Self {
        Self { series }
    }
}

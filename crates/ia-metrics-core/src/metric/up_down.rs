//! Counters that go both ways.

use std::sync::atomic::Ordering;

use super::{InFlight, sealed};
use crate::Kind;
use crate::series::{Route, SeriesRef};
use crate::slab::{self, domain};
use crate::value::ValueType;

/// How many there are of something: connections, runs in flight, entries of a queue.
///
/// Unlike a [`Gauge`](crate::Gauge) it cannot be set, and so each thread can keep its own part of it: adding and subtracting
/// cost as little as counting, and nothing is ever lost. It wraps at the ends of `i64`.
///
/// A reader looks at one thread after the other. So while one thread subtracts and another adds, it may see the one and not
/// the other yet, and be off by what is just under way; when nothing is, it is exact. Where each reading must be one that
/// really was, as that of a limit, use a gauge.
///
/// Prometheus sees a gauge; OpenTelemetry calls it by this name.
#[derive(Clone, Debug)]
pub struct UpDownCounter {
    series: SeriesRef,
}

impl UpDownCounter {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Subtracts one.
    #[inline]
    pub fn dec(&self) {
        self.add(-1);
    }

    /// Adds `amount`, which may be negative, in the descriptor's scale.
    #[inline]
    pub fn add(&self, amount: i64) {
        let Some(slot) = self.series.slot() else {
            if !self.series.is_off() {
                self.add_slowly(amount);
            }
            return;
        };
        let Some(slab) = slab::current() else { return self.add_slowly(amount) };
        slab.add(slot, amount.cast_unsigned());
    }

    /// Subtracts `amount`, in the descriptor's scale.
    #[inline]
    pub fn sub(&self, amount: i64) {
        self.add(amount.wrapping_neg());
    }

    /// Adds one until the guard is dropped. See [`InFlight`].
    ///
    /// ```
    /// # use ia_metrics_core::{Registry, UpDownCounterDesc};
    /// # const ACTIVE: UpDownCounterDesc<0> = UpDownCounterDesc::new("active", "Work in flight.", []);
    /// # let registry = Registry::new();
    /// let active = registry.up_down_counter(&ACTIVE).get();
    /// {
    ///     let _work = active.in_flight();
    ///     assert_eq!(active.value(), 1);
    ///     registry.set_enabled(false);
    /// }
    /// assert_eq!(active.value(), 0);
    /// ```
    pub fn in_flight(&self) -> InFlight<Self> {
        let counted = self.series.family().is_enabled();
        if counted {
            self.add_even_if_off(1);
        }
        InFlight::new(counted.then(|| self.clone()))
    }

    /// The value now. For tests and displays, as it looks at every thread.
    #[must_use]
    pub fn value(&self) -> i64 {
        let threads = self.series.head().slot().map_or(0, |slot| domain().total(slot));
        threads.wrapping_add(self.series.cells()[0].load(Ordering::Relaxed)).cast_signed()
    }

    #[cold]
    fn add_slowly(&self, amount: i64) {
        Self::add_by(&self.series.route(), amount);
    }

    fn add_even_if_off(&self, amount: i64) {
        Self::add_by(&self.series.route_even_if_off(), amount);
    }

    fn add_by(route: &Route<'_>, amount: i64) {
        match *route {
            Route::Off => {}
            Route::Slab(slab, slot) => slab.add(slot, amount.cast_unsigned()),
            Route::Shared(cells) => {
                cells[0].fetch_add(amount.cast_unsigned(), Ordering::Relaxed);
            }
        }
    }
}

impl super::in_flight::sealed::Countable for UpDownCounter {
    fn one_less(&self) {
        self.add_even_if_off(-1);
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl sealed::Metric for UpDownCounter {
    const KIND: Kind = Kind::UpDownCounter;
    const VALUE: ValueType = ValueType::Signed;

    #[inline]
    fn new(series: SeriesRef) -> Self {
        Self { series }
    }
}

//! Gauges.

use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;

use super::{InFlight, sealed};
use crate::series::SeriesRef;
use crate::value::ValueType;
use crate::{GaugeValue, Kind};

/// A value that goes up and down.
///
/// [`set`](Self::set) replaces the value, by one plain store; [`add`](Self::add) and [`sub`](Self::sub) are exact whatever
/// the number of threads. When the two are mixed they take effect one after the other in some order: an addition that
/// overlaps a `set` is either kept on top of it or replaced by it, never split. An `i64` wraps at its ends,
/// an `f64` stops at them.
///
/// What is only added to and subtracted from, and often, is better an [`UpDownCounter`](crate::UpDownCounter): threads share
/// a gauge, so they wait for each other where many of them add to one.
///
/// NaN and infinity are refused and counted
/// ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
#[derive(Debug)]
pub struct Gauge<V: GaugeValue = i64> {
    series: SeriesRef,
    value: PhantomData<fn(V)>,
}

impl<V: GaugeValue> Gauge<V> {
    /// Replaces the value.
    #[inline]
    pub fn set(&self, value: V) {
        if self.admits(value) {
            V::set(self.cell(), value);
        }
    }

    /// Adds to the value.
    #[inline]
    pub fn add(&self, value: V) {
        if self.admits(value) {
            V::add(self.cell(), value);
        }
    }

    /// Subtracts from the value.
    #[inline]
    pub fn sub(&self, value: V) {
        self.add(value.negate());
    }

    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(V::ONE);
    }

    /// Subtracts one.
    #[inline]
    pub fn dec(&self) {
        self.sub(V::ONE);
    }

    /// Adds one until the guard is dropped. See [`InFlight`].
    ///
    /// ```
    /// # use ia_metrics_core::{GaugeDesc, Registry};
    /// # const ACTIVE: GaugeDesc<0> = GaugeDesc::new("active", "Work in flight.", []);
    /// # let registry = Registry::new();
    /// let active = registry.gauge(&ACTIVE).get();
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
            V::add(self.cell(), V::ONE);
        }
        InFlight::new(counted.then(|| self.clone()))
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> V {
        V::get(self.cell())
    }

    #[inline]
    fn cell(&self) -> &AtomicU64 {
        &self.series.cells()[0]
    }

    #[inline]
    fn admits(&self, value: V) -> bool {
        (self.series.head().hot_slot().is_some() || self.is_on())
            && (value.valid() || self.reject())
    }

    /// Without a slot, or switched off.
    #[cold]
    fn is_on(&self) -> bool {
        let family = self.series.family();
        // The value is shared whatever happens; a slot makes clones and drops of handles cheap.
        family.warm(self.series.head());
        family.is_enabled()
    }

    #[cold]
    fn reject(&self) -> bool {
        self.series.family().shared().reject();
        false
    }
}

impl<V: GaugeValue> Clone for Gauge<V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { series: self.series.clone(), value: PhantomData }
    }
}

impl<V: GaugeValue> super::in_flight::sealed::Countable for Gauge<V> {
    fn one_less(&self) {
        V::add(self.cell(), V::ONE.negate());
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl<V: GaugeValue> sealed::Metric for Gauge<V> {
    const KIND: Kind = Kind::Gauge;
    const VALUE: ValueType = V::TYPE;

    #[inline]
    fn new(series: SeriesRef) -> Self {
        Self { series, value: PhantomData }
    }
}

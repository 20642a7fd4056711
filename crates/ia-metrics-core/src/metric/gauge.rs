//! Gauges.

use std::sync::Arc;

use super::sealed;
use crate::shared::Shared;
use crate::snapshot::PointData;
use crate::value::ValueType;
use crate::{Descriptor, GaugeValue, Kind};

/// A value that goes up and down.
///
/// [`set`](Self::set) replaces the value; [`add`](Self::add) and [`sub`](Self::sub) are exact whatever the number of
/// threads. When the two are mixed they take effect one after the other in some order: an addition that overlaps a `set`
/// is either kept on top of it or replaced by it, never split. An `i64` wraps at its ends.
///
/// NaN and infinity are refused and counted
/// ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
#[derive(Debug)]
pub struct Gauge<V: GaugeValue = i64> {
    cell: Arc<V::Cell>,
    shared: Arc<Shared>,
}

impl<V: GaugeValue> Gauge<V> {
    /// Replaces the value.
    pub fn set(&self, value: V) {
        if self.admits(value) {
            V::set(&self.cell, value);
        }
    }

    /// Adds to the value.
    pub fn add(&self, value: V) {
        if self.admits(value) {
            V::add(&self.cell, value);
        }
    }

    /// Subtracts from the value.
    pub fn sub(&self, value: V) {
        self.add(value.negate());
    }

    /// Adds one.
    pub fn inc(&self) {
        self.add(V::ONE);
    }

    /// Subtracts one.
    pub fn dec(&self) {
        self.sub(V::ONE);
    }

    /// Adds one until the guard is dropped.
    ///
    /// The guard subtracts what it added, whatever happens in between: a panic, a dropped future, a registry switched
    /// off. So the gauge always comes back to where it was.
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
    pub fn in_flight(&self) -> InFlight<V> {
        let counted = self.shared.is_enabled();
        if counted {
            V::add(&self.cell, V::ONE);
        }
        InFlight { gauge: counted.then(|| self.clone()) }
    }

    /// The value now.
    #[must_use]
    pub fn value(&self) -> V {
        V::get(&self.cell)
    }

    fn admits(&self, value: V) -> bool {
        if !self.shared.is_enabled() {
            return false;
        }
        if !value.valid() {
            self.shared.reject();
            return false;
        }
        true
    }
}

impl<V: GaugeValue> Clone for Gauge<V> {
    fn clone(&self) -> Self {
        Self { cell: Arc::clone(&self.cell), shared: Arc::clone(&self.shared) }
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl<V: GaugeValue> sealed::Metric for Gauge<V> {
    const KIND: Kind = Kind::Gauge;
    const VALUE: ValueType = V::TYPE;
    type Cell = V::Cell;

    fn cell(_: &Descriptor, _: &Shared) -> V::Cell {
        V::Cell::default()
    }

    fn handle(cell: Arc<V::Cell>, shared: Arc<Shared>) -> Self {
        Self { cell, shared }
    }

    fn read(cell: &V::Cell, descriptor: &Descriptor, _: &Shared) -> PointData {
        PointData::Gauge(V::get(cell).number(descriptor.scale()))
    }
}

/// One thing in flight, counted by a gauge until this is dropped. Made by [`Gauge::in_flight`].
#[derive(Debug)]
#[must_use = "dropping it at once counts nothing"]
pub struct InFlight<V: GaugeValue = i64> {
    gauge: Option<Gauge<V>>,
}

impl<V: GaugeValue> Drop for InFlight<V> {
    fn drop(&mut self) {
        if let Some(gauge) = &self.gauge {
            V::add(&gauge.cell, V::ONE.negate());
        }
    }
}

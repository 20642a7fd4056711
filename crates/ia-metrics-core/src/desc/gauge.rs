//! Gauge descriptors.

use std::marker::PhantomData;

use super::Common;
use crate::{Descriptor, GaugeValue, Kind, Scale, Unit};

/// Describes a gauge with `N` labels that holds an `i64` or an `f64`.
///
/// The number of labels is part of the type: giving a wrong number of values does not compile.
///
/// ```
/// use ia_metrics_core::{GaugeDesc, Registry};
///
/// const CONNECTIONS: GaugeDesc<0> = GaugeDesc::new("connections", "Open connections.", []);
/// const LOSS: GaugeDesc<1, f64> = GaugeDesc::new("training_loss", "Loss of the last batch.", ["model"]);
///
/// let registry = Registry::new();
/// registry.gauge(&CONNECTIONS).get().set(7);
/// registry.gauge(&LOSS).with(["small"]).set(0.25);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GaugeDesc<const N: usize, V = i64> {
    pub(crate) common: Common<N>,
    value: PhantomData<V>,
}

impl<const N: usize, V: GaugeValue> GaugeDesc<N, V> {
    /// Names the gauge, says in a sentence what it means, and names its labels.
    ///
    /// # Panics
    ///
    /// When a name is not valid; in a constant that is a compile error. For names known only at run time use
    /// [`Descriptor`](crate::Descriptor).
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self { common: Common::new(name, help, labels, Scale::ONE), value: PhantomData }
    }

    /// Sets how many decimal places the recorded integers carry; gauges of `f64` ignore it. Defaults to [`Scale::ONE`].
    #[must_use]
    pub const fn scale(mut self, scale: Scale) -> Self {
        self.common.scale = scale;
        self
    }

    /// Sets the unit of the exported value. Defaults to [`Unit::None`].
    #[must_use]
    pub const fn unit(mut self, unit: Unit) -> Self {
        self.common.unit = unit;
        self
    }

    /// Sets the most series this metric may have; more share one overflow series. Defaults to the registry's limit.
    #[must_use]
    pub const fn series_limit(mut self, limit: usize) -> Self {
        self.common.series_limit = Some(limit);
        self
    }

    /// The metric's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.common.name
    }

    /// The names of its labels.
    #[must_use]
    pub const fn labels(&self) -> &[&'static str; N] {
        &self.common.labels
    }

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.common.descriptor(Kind::Gauge, V::TYPE)
    }
}

//! Gauge descriptors.

use std::marker::PhantomData;

use super::{Common, common_methods};
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
        Self { common: Common::new(name, help, labels, Scale::ONE, Unit::None), value: PhantomData }
    }

    common_methods!();

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.common.descriptor(Kind::Gauge, V::TYPE)
    }
}

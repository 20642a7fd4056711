//! Up-down counter descriptors.

use super::{Common, common_methods};
use crate::value::ValueType;
use crate::{Descriptor, Kind, Scale, Unit};

/// Describes an up-down counter with `N` labels: how many there are of something.
///
/// The number of labels is part of the type: giving a wrong number of values does not compile.
///
/// ```
/// use ia_metrics_core::{Registry, UpDownCounterDesc};
///
/// const CONNECTIONS: UpDownCounterDesc<1> =
///     UpDownCounterDesc::new("connections", "Open connections.", ["peer"]);
///
/// let registry = Registry::new();
/// let connections = registry.up_down_counter(&CONNECTIONS).with(["upstream"]);
/// connections.inc();
/// connections.sub(3);
/// assert_eq!(connections.value(), -2);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UpDownCounterDesc<const N: usize> {
    pub(crate) common: Common<N>,
}

impl<const N: usize> UpDownCounterDesc<N> {
    /// Names the counter, says in a sentence what it means, and names its labels.
    ///
    /// # Panics
    ///
    /// When a name is not valid; in a constant that is a compile error. For names known only at run time use
    /// [`Descriptor`](crate::Descriptor).
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self { common: Common::new(name, help, labels, Scale::ONE, Unit::None) }
    }

    common_methods!();

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.common.descriptor(Kind::UpDownCounter, ValueType::Signed)
    }
}

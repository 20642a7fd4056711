//! What the descriptors of all kinds share.

use crate::value::ValueType;
use crate::{Descriptor, Kind, Scale, Unit, name};

/// The part of a constant descriptor that does not depend on its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Common<const N: usize> {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) labels: [&'static str; N],
    pub(crate) unit: Unit,
    pub(crate) scale: Scale,
    pub(crate) series_limit: Option<usize>,
}

impl<const N: usize> Common<N> {
    pub(crate) const fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        scale: Scale,
    ) -> Self {
        assert!(
            name::check_metric(name).is_ok(),
            "invalid metric name: use letters, digits, underscores and colons, and start with a letter"
        );
        assert!(
            name::check_labels(&labels).is_ok(),
            "invalid label name: use letters, digits and underscores, each once, and none of `le`, `quantile`, `__…`"
        );
        Self { name, help, labels, unit: Unit::None, scale, series_limit: None }
    }

    pub(crate) fn descriptor(&self, kind: Kind, value: ValueType) -> Descriptor {
        Descriptor::of(kind, value, self)
    }
}

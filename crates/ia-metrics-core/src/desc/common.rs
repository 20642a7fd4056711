//! What the descriptors of all kinds share.

use std::time::Duration;

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
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) exemplars: bool,
}

impl<const N: usize> Common<N> {
    pub(crate) const fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        scale: Scale,
        unit: Unit,
    ) -> Self {
        assert!(
            name::check_metric(name).is_ok(),
            "invalid metric name: use letters, digits, underscores and colons, and start with a letter"
        );
        assert!(
            name::check_labels(&labels).is_ok(),
            "invalid label name: use letters, digits and underscores, each once, and none of `le`, `quantile`, `__…`"
        );
        Self {
            name,
            help,
            labels,
            unit,
            scale,
            series_limit: None,
            idle_timeout: None,
            exemplars: false,
        }
    }

    pub(crate) fn descriptor(&self, kind: Kind, value: ValueType) -> Descriptor {
        Descriptor::of(kind, value, self)
    }
}

/// The methods of the constant descriptors of all kinds. A trait cannot have them: they are `const`.
macro_rules! common_methods {
    () => {
        /// Sets how many decimal places the recorded integers carry; metrics of `f64` ignore it. Defaults to
        /// [`Scale::ONE`], and to [`Scale::NANO`] for durations.
        #[must_use]
        pub const fn scale(mut self, scale: Scale) -> Self {
            self.common.scale = scale;
            self
        }

        /// Sets the unit of the exported value. Defaults to [`Unit::None`], and to [`Unit::Seconds`] for durations.
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

        /// Sets after how long a series is removed whose value has not changed. Defaults to never.
        ///
        /// It is looked at when a snapshot is taken, so it takes at least two of them. A series is kept as long as there is
        /// a handle to it: what is bound stays, what is looked up each time goes when it is not looked up any more.
        #[must_use]
        pub const fn idle_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.common.idle_timeout = Some(timeout);
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
    };
}

/// The method of the constant descriptors of those kinds that can keep exemplars.
macro_rules! exemplars_method {
    () => {
        /// Keeps exemplars: which span was the current one when a value was recorded, for as long as the registry has a
        /// source of spans ([`RegistryBuilder::exemplars`](crate::RegistryBuilder::exemplars)). Defaults to none.
        ///
        /// See [`Exemplar`](crate::Exemplar) for which are kept, and what recording costs then.
        #[must_use]
        pub const fn exemplars(mut self) -> Self {
            self.common.exemplars = true;
            self
        }
    };
}
pub(crate) use {common_methods, exemplars_method};

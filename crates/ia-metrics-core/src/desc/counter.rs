//! Counter descriptors.

use super::{Common, common_methods, exemplars_method};
use crate::value::ValueType;
use crate::{Descriptor, Kind, Scale, Unit};

/// Describes a counter with `N` labels.
///
/// The number of labels is part of the type: giving a wrong number of values does not compile.
///
/// ```
/// use ia_metrics_core::{CounterDesc, Registry};
///
/// const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
///
/// let registry = Registry::new();
/// let pdf = registry.counter(&PAGES).with(["pdf"]);
/// pdf.inc();
/// assert_eq!(pdf.value(), 1);
/// ```
///
/// A name that Prometheus would not take does not compile either:
///
/// ```compile_fail,E0080
/// # use ia_metrics_core::CounterDesc;
/// const PAGES: CounterDesc<0> = CounterDesc::new("pages-parsed-total", "Pages parsed.", []);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CounterDesc<const N: usize> {
    pub(crate) common: Common<N>,
}

impl<const N: usize> CounterDesc<N> {
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
    exemplars_method!();

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.common.descriptor(Kind::Counter, ValueType::Unsigned)
    }
}

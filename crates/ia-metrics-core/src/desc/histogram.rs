//! Histogram descriptors.

use std::marker::PhantomData;
use std::time::Duration;

use super::{Common, common_methods};
use crate::{Buckets, Descriptor, Kind, Observed, Scale, Unit};

/// Describes a histogram with `N` labels over values of type `V`: `f64`, `u64` or `Duration`.
///
/// The number of labels is part of the type: giving a wrong number of values does not compile.
///
/// ```
/// use ia_metrics_core::{HistogramDesc, Registry};
///
/// use std::time::Duration;
///
/// const LATENCY: HistogramDesc<1, Duration> =
///     HistogramDesc::seconds("request_seconds", "Time to answer.", ["route"]).buckets(&[0.1, 1.0, 10.0]);
///
/// let registry = Registry::new();
/// registry.histogram(&LATENCY).with(["/"]).observe(Duration::from_millis(250));
/// ```
///
/// Neither does a label that the exporters write themselves:
///
/// ```compile_fail,E0080
/// # use ia_metrics_core::HistogramDesc;
/// const LATENCY: HistogramDesc<1> = HistogramDesc::new("request_seconds", "Time to answer.", ["le"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HistogramDesc<const N: usize, V = f64> {
    pub(crate) common: Common<N>,
    buckets: &'static [f64],
    value: PhantomData<V>,
}

impl<const N: usize, V: Observed> HistogramDesc<N, V> {
    /// Names the histogram, says in a sentence what it means, and names its labels.
    ///
    /// # Panics
    ///
    /// When a name is not valid; in a constant that is a compile error. For names known only at run time use
    /// [`Descriptor`](crate::Descriptor).
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self {
            common: Common::new(name, help, labels, V::SCALE, V::UNIT),
            buckets: Buckets::DEFAULT,
            value: PhantomData,
        }
    }

    /// Sets the upper bounds of the buckets, inclusive, in the exported unit; `+Inf` is implied, order and duplicates do
    /// not matter. Defaults to [`Buckets::DEFAULT`].
    ///
    /// # Panics
    ///
    /// When a bound is NaN or negative infinity, or for more than 1,000 bounds; in a constant that is a compile error.
    #[must_use]
    pub const fn buckets(mut self, bounds: &'static [f64]) -> Self {
        let mut i = 0;
        while i < bounds.len() {
            assert!(
                !bounds[i].is_nan() && bounds[i] != f64::NEG_INFINITY,
                "a bucket bound is NaN or -Inf: give finite numbers"
            );
            i += 1;
        }
        assert!(i <= 1_000, "a histogram has at most 1,000 bounds");
        self.buckets = bounds;
        self
    }

    common_methods!();

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.common.descriptor(Kind::Histogram, V::TYPE).with_buckets(self.buckets)
    }
}

impl<const N: usize> HistogramDesc<N, Duration> {
    /// [`HistogramDesc::new`] for durations: nanoseconds inside, seconds on export.
    ///
    /// # Panics
    ///
    /// As [`HistogramDesc::new`].
    #[must_use]
    pub const fn seconds(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Self {
        Self::new(name, help, labels)
    }
}

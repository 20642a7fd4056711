//! Histogram descriptors.

use std::marker::PhantomData;
use std::time::Duration;

use super::{Common, Exponential, common_methods, exemplars_method};
use crate::{Buckets, Descriptor, ExponentialScale, Kind, Observed, Scale, Unit};

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
    layout: Layout,
    value: PhantomData<V>,
}

/// Which buckets a histogram has.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Bounds(&'static [f64]),
    Exponential(Exponential),
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
            layout: Layout::Bounds(Buckets::DEFAULT),
            value: PhantomData,
        }
    }

    /// A histogram with exponential buckets, which need no choice of bounds: OpenTelemetry's exponential histogram and
    /// Prometheus' native histogram.
    ///
    /// Buckets of all processes are the same, so they merge exactly; a quantile is less than 9.1 % off. Values of `f64` are
    /// told apart between 2^-128 and 2^128 in magnitude: smaller ones count as zero, larger ones as that. Durations and
    /// scaled integers fall into the buckets of their exported values. A snapshot shows at most 160 buckets, and is coarser
    /// where there would be more.
    ///
    /// Formats that know only given bounds show the count and the sum.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ia_metrics_core::{HistogramDesc, Registry};
    ///
    /// const LATENCY: HistogramDesc<0, Duration> =
    ///     HistogramDesc::native("request_seconds", "Time to answer.", []);
    ///
    /// let registry = Registry::new();
    /// let latency = registry.histogram(&LATENCY).get();
    /// (1..=100).for_each(|millis| latency.observe(Duration::from_millis(millis)));
    ///
    /// let snapshot = registry.snapshot();
    /// let buckets = snapshot.histogram("request_seconds", []).and_then(|point| point.exponential());
    /// let median = buckets.and_then(|buckets| buckets.quantile(0.5)).unwrap_or(f64::NAN);
    /// assert!((median - 0.050).abs() < 0.005);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[must_use]
    pub const fn native(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self {
            common: Common::new(name, help, labels, V::SCALE, V::UNIT),
            layout: Layout::Exponential(Exponential::DEFAULT),
            value: PhantomData,
        }
    }

    /// Makes the buckets exponential, of this scale. Defaults to 3 for [`native`](Self::native), and to given bounds
    /// otherwise.
    #[must_use]
    pub const fn exponential(mut self, scale: ExponentialScale) -> Self {
        let limit = match self.layout {
            Layout::Exponential(exponential) => exponential.limit,
            Layout::Bounds(_) => Exponential::DEFAULT.limit,
        };
        self.layout = Layout::Exponential(Exponential { scale, limit });
        self
    }

    /// Sets the most exponential buckets that a snapshot shows; where there would be more, they are joined until there are
    /// not. Makes the buckets exponential. Defaults to 160.
    #[must_use]
    pub const fn bucket_limit(mut self, limit: usize) -> Self {
        let scale = match self.layout {
            Layout::Exponential(exponential) => exponential.scale,
            Layout::Bounds(_) => Exponential::DEFAULT.scale,
        };
        self.layout = Layout::Exponential(Exponential { scale, limit });
        self
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
        self.layout = Layout::Bounds(bounds);
        self
    }

    common_methods!();
    exemplars_method!();

    /// The same description, with the number of labels and the type of values known only at run time.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        let descriptor = self.common.descriptor(Kind::Histogram, V::TYPE);
        match self.layout {
            Layout::Bounds(bounds) => descriptor.with_buckets(bounds),
            Layout::Exponential(exponential) => descriptor.with_exponential(exponential),
        }
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

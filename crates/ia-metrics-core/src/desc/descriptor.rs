//! The description of any metric, for names known only at run time and for everything that reads descriptions.

use std::borrow::Cow;
use std::time::Duration;

use super::Common;
use super::summary::DEFAULT_WINDOW;
use crate::error::Difference;
use crate::value::ValueType;
use crate::{Buckets, ExponentialBuckets, ExponentialScale, Kind, MetricError, Scale, Unit, name};

/// What a metric is called, what it means and how it is measured.
///
/// The constants ([`CounterDesc`](crate::CounterDesc) and its siblings) turn into one by their `descriptor` method; for
/// names known only at run time, build one here.
///
/// ```
/// use ia_metrics_core::{Counter, Descriptor, Registry};
///
/// let descriptor = Descriptor::counter("uploads_total", "Files uploaded.").labels(["bucket"]).build()?;
/// let uploads = Registry::new().dynamic::<Counter>(&descriptor)?;
/// uploads.with(&["archive"])?.inc();
/// # Ok::<(), ia_metrics_core::MetricError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    kind: Kind,
    value: ValueType,
    name: Cow<'static, str>,
    help: Cow<'static, str>,
    labels: Vec<Cow<'static, str>>,
    unit: Unit,
    scale: Scale,
    series_limit: Option<usize>,
    idle_timeout: Option<Duration>,
    exemplars: bool,
    buckets: Vec<f64>,
    exponential: Option<Exponential>,
    window: Duration,
}

/// How the exponential buckets of a histogram are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exponential {
    pub(crate) scale: ExponentialScale,
    /// The most buckets that a snapshot shows.
    pub(crate) limit: usize,
}

impl Exponential {
    pub(crate) const DEFAULT: Self =
        Self { scale: ExponentialScale::of::<3>(), limit: ExponentialBuckets::DEFAULT_LIMIT };
}

impl Descriptor {
    /// Starts the description of a counter.
    pub fn counter(name: impl Into<String>, help: impl Into<String>) -> DescriptorBuilder {
        DescriptorBuilder::new(Kind::Counter, ValueType::Unsigned, name.into(), help.into())
    }

    /// Starts the description of a gauge of `f64`.
    pub fn gauge(name: impl Into<String>, help: impl Into<String>) -> DescriptorBuilder {
        DescriptorBuilder::new(Kind::Gauge, ValueType::Float, name.into(), help.into())
    }

    /// Starts the description of an up-down counter.
    pub fn up_down_counter(name: impl Into<String>, help: impl Into<String>) -> DescriptorBuilder {
        DescriptorBuilder::new(Kind::UpDownCounter, ValueType::Signed, name.into(), help.into())
    }

    /// Starts the description of a histogram of `f64`.
    pub fn histogram(name: impl Into<String>, help: impl Into<String>) -> DescriptorBuilder {
        DescriptorBuilder::new(Kind::Histogram, ValueType::Float, name.into(), help.into())
    }

    /// Starts the description of a summary of `f64`.
    pub fn summary(name: impl Into<String>, help: impl Into<String>) -> DescriptorBuilder {
        DescriptorBuilder::new(Kind::Summary, ValueType::Float, name.into(), help.into())
    }

    pub(crate) fn of<const N: usize>(kind: Kind, value: ValueType, common: &Common<N>) -> Self {
        Self {
            kind,
            value,
            name: Cow::Borrowed(common.name),
            help: Cow::Borrowed(common.help),
            labels: common.labels.iter().map(|label| Cow::Borrowed(*label)).collect(),
            unit: common.unit,
            scale: common.scale,
            series_limit: common.series_limit,
            idle_timeout: common.idle_timeout,
            exemplars: common.exemplars,
            buckets: Vec::new(),
            exponential: None,
            window: DEFAULT_WINDOW,
        }
    }

    pub(crate) fn with_buckets(mut self, bounds: &[f64]) -> Self {
        // The constant refused what `Buckets::new` refuses.
        self.buckets = Buckets::new(bounds.iter().copied())
            .map(|buckets| buckets.bounds().to_vec())
            .unwrap_or_default();
        self
    }

    pub(crate) fn with_exponential(mut self, exponential: Exponential) -> Self {
        self.buckets.clear();
        self.exponential = Some(exponential);
        self
    }

    pub(crate) fn with_window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// The kind of metric.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The metric's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the metric means.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The names of its labels, in order.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.labels.iter().map(AsRef::as_ref)
    }

    /// The unit of the exported value.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The decimal places of the recorded integers.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The most series the metric may have, where it does not leave that to the registry.
    #[must_use]
    pub fn series_limit(&self) -> Option<usize> {
        self.series_limit
    }

    /// After how long a series that stands still is removed; `None`: never.
    #[must_use]
    pub fn idle_timeout(&self) -> Option<Duration> {
        self.idle_timeout
    }

    /// Whether the metric keeps exemplars.
    #[must_use]
    pub fn has_exemplars(&self) -> bool {
        self.exemplars
    }

    /// The upper bounds of a histogram's buckets without `+Inf`; empty for other kinds.
    #[must_use]
    pub fn buckets(&self) -> &[f64] {
        &self.buckets
    }

    pub(crate) fn exponential(&self) -> Option<Exponential> {
        self.exponential
    }

    /// The scale at which a histogram counts in exponential buckets; `None` for other histograms and other kinds.
    #[must_use]
    pub fn exponential_scale(&self) -> Option<ExponentialScale> {
        self.exponential.map(|exponential| exponential.scale)
    }

    /// How far back a summary looks.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    pub(crate) fn value_type(&self) -> ValueType {
        self.value
    }

    /// What keeps the two from describing one metric, if anything does. Help texts may differ, and whether there are
    /// exemplars: what was said first stays.
    pub(crate) fn difference(&self, asked: &Self) -> Option<Difference> {
        if self.kind != asked.kind {
            return Some(Difference::Kind { existing: self.kind, asked: asked.kind });
        }
        if self.labels != asked.labels {
            let names = |descriptor: &Self| descriptor.labels().map(str::to_owned).collect();
            return Some(Difference::Labels { existing: names(self), asked: names(asked) });
        }
        if self.unit != asked.unit {
            return Some(Difference::Value);
        }
        self.measured_differently(asked)
    }

    /// What keeps the two from being variants of one metric, if anything does: those may differ in label names too, and
    /// the unit may be told later than the first value.
    pub(crate) fn measured_differently(&self, asked: &Self) -> Option<Difference> {
        if self.kind != asked.kind {
            return Some(Difference::Kind { existing: self.kind, asked: asked.kind });
        }
        if (self.scale, self.value) != (asked.scale, asked.value) {
            return Some(Difference::Value);
        }
        if (&self.buckets, self.exponential) != (&asked.buckets, asked.exponential) {
            return Some(Difference::Buckets);
        }
        (self.kind == Kind::Summary && self.window != asked.window).then_some(Difference::Window)
    }

    /// The description with this help text and unit where it has none; `None` when that changes nothing.
    #[cfg(feature = "metrics")]
    pub(crate) fn filled_in(&self, help: &str, unit: Unit) -> Option<Self> {
        let help = (self.help.is_empty() && !help.is_empty()).then(|| help.to_owned());
        let unit = (self.unit == Unit::None && unit != Unit::None).then_some(unit);
        if help.is_none() && unit.is_none() {
            return None;
        }
        let mut filled = self.clone();
        filled.help = help.map_or(filled.help, Cow::Owned);
        filled.unit = unit.unwrap_or(filled.unit);
        Some(filled)
    }
}

/// Builds a [`Descriptor`] from names known only at run time.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct DescriptorBuilder {
    descriptor: Descriptor,
    buckets: Option<Buckets>,
}

impl DescriptorBuilder {
    fn new(kind: Kind, value: ValueType, name: String, help: String) -> Self {
        let common = Common::<0> {
            name: "",
            help: "",
            labels: [],
            unit: Unit::None,
            scale: Scale::ONE,
            series_limit: None,
            idle_timeout: None,
            exemplars: false,
        };
        let mut descriptor = Descriptor::of(kind, value, &common);
        descriptor.name = Cow::Owned(name);
        descriptor.help = Cow::Owned(help);
        Self { descriptor, buckets: None }
    }

    /// Names the labels. Defaults to none.
    pub fn labels(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.descriptor.labels = names.into_iter().map(|name| Cow::Owned(name.into())).collect();
        self
    }

    /// Sets the unit of the exported value. Defaults to [`Unit::None`].
    pub fn unit(mut self, unit: Unit) -> Self {
        self.descriptor.unit = unit;
        self
    }

    /// Sets how many decimal places a counter's integers carry; other kinds hold floats here and ignore it. Defaults to
    /// [`Scale::ONE`].
    pub fn scale(mut self, scale: Scale) -> Self {
        self.descriptor.scale = scale;
        self
    }

    /// Sets the buckets of a histogram; other kinds ignore them. Defaults to [`Buckets::DEFAULT`].
    pub fn buckets(mut self, buckets: Buckets) -> Self {
        self.buckets = Some(buckets);
        self
    }

    /// Makes a histogram count in exponential buckets instead of those of given bounds; other kinds ignore it. See
    /// [`HistogramDesc::native`](crate::HistogramDesc::native). Defaults to given bounds.
    pub fn exponential(mut self, scale: ExponentialScale) -> Self {
        self.descriptor.exponential = Some(Exponential { scale, ..Exponential::DEFAULT });
        self
    }

    /// Sets how far back a summary looks; other kinds ignore it. Defaults to 10 minutes; at least 1 second.
    pub fn window(mut self, window: Duration) -> Self {
        self.descriptor.window = window.max(Duration::from_secs(1));
        self
    }

    /// Sets the most series this metric may have; more share one overflow series. Defaults to the registry's limit.
    pub fn series_limit(mut self, limit: usize) -> Self {
        self.descriptor.series_limit = Some(limit);
        self
    }

    /// Sets after how long a series is removed whose value has not changed. Defaults to never.
    ///
    /// It is looked at when a snapshot is taken, so it takes at least two of them. A series is kept as long as there is a
    /// handle to it: what is bound stays, what is looked up each time goes when it is not looked up any more.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.descriptor.idle_timeout = Some(timeout);
        self
    }

    /// Makes a counter or a histogram keep exemplars; other kinds ignore it. See
    /// [`CounterDesc::exemplars`](crate::CounterDesc::exemplars). Defaults to none.
    pub fn exemplars(mut self) -> Self {
        self.descriptor.exemplars = true;
        self
    }

    /// Checks the names.
    ///
    /// # Errors
    ///
    /// [`MetricError::InvalidName`] and [`MetricError::InvalidLabel`].
    pub fn build(self) -> Result<Descriptor, MetricError> {
        let mut descriptor = self.descriptor;
        if let Err(fault) = name::check_metric(&descriptor.name) {
            return Err(MetricError::InvalidName { name: descriptor.name.into_owned(), fault });
        }
        let labels: Vec<&str> = descriptor.labels().collect();
        if let Err((index, fault)) = name::check_labels(&labels) {
            let label = labels[index].to_owned();
            return Err(MetricError::InvalidLabel {
                metric: descriptor.name.into_owned(),
                label,
                fault,
            });
        }
        descriptor.exemplars &= matches!(descriptor.kind, Kind::Counter | Kind::Histogram);
        if descriptor.kind != Kind::Histogram {
            descriptor.exponential = None;
        } else if descriptor.exponential.is_none() {
            descriptor.buckets = self
                .buckets
                .map_or_else(|| Buckets::DEFAULT.to_vec(), |buckets| buckets.bounds().to_vec());
        }
        Ok(descriptor)
    }
}

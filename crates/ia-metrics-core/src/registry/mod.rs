//! The registry: all metrics of a process, or of one part of it.

mod builder;
mod callbacks;
mod extensions;
mod families;
mod global;
mod group;
mod inner;
mod stats;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

pub use self::builder::RegistryBuilder;
pub use self::global::GlobalAlreadySet;
use self::inner::Inner;
pub use self::stats::RegistryStats;
use crate::metric::{Metric, sealed};
use crate::{
    Counter, CounterDesc, Descriptor, DynamicFamily, ExemplarSourceAlreadySet, ExemplarSpan,
    Family, FamilySnapshot, Gauge, GaugeDesc, GaugeValue, Histogram, HistogramDesc, MetricError,
    Observed, Snapshot, Summary, SummaryDesc, UpDownCounter, UpDownCounterDesc,
};

/// Holds metrics, gives out families, takes snapshots. Cheap to clone; all clones are one registry.
///
/// ```
/// use ia_metrics_core::{CounterDesc, Registry};
///
/// const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
///
/// let pdf = Registry::global().counter(&PAGES).with(["pdf"]);
/// pdf.inc();
/// ```
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

impl Registry {
    /// A registry of its own, with the defaults of [`RegistryBuilder`].
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts a registry that differs from the defaults.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The family of a counter, made on first use.
    ///
    /// Where the registry refuses the metric (see [`try_counter`](Self::try_counter)) the family works but is not
    /// exported, and the refusal is kept in [`RegistryStats::conflicts`]: a clash of names must not bring a pipeline
    /// down.
    #[must_use]
    pub fn counter<const N: usize>(&self, desc: &CounterDesc<N>) -> Family<Counter, N> {
        self.family(desc.descriptor())
    }

    /// The family of a gauge; otherwise as [`counter`](Self::counter).
    #[must_use]
    pub fn gauge<const N: usize, V: GaugeValue>(
        &self,
        desc: &GaugeDesc<N, V>,
    ) -> Family<Gauge<V>, N> {
        self.family(desc.descriptor())
    }

    /// The family of an up-down counter; otherwise as [`counter`](Self::counter).
    #[must_use]
    pub fn up_down_counter<const N: usize>(
        &self,
        desc: &UpDownCounterDesc<N>,
    ) -> Family<UpDownCounter, N> {
        self.family(desc.descriptor())
    }

    /// The family of a histogram; otherwise as [`counter`](Self::counter).
    #[must_use]
    pub fn histogram<const N: usize, V: Observed>(
        &self,
        desc: &HistogramDesc<N, V>,
    ) -> Family<Histogram<V>, N> {
        self.family(desc.descriptor())
    }

    /// The family of a summary; otherwise as [`counter`](Self::counter).
    #[must_use]
    pub fn summary<const N: usize, V: Observed>(
        &self,
        desc: &SummaryDesc<N, V>,
    ) -> Family<Summary<V>, N> {
        self.family(desc.descriptor())
    }

    /// The family of a counter, or why it cannot be had.
    ///
    /// # Errors
    ///
    /// [`MetricError::Conflict`] when the name exists with another definition, [`MetricError::NameTaken`] when another
    /// metric writes samples of that name.
    pub fn try_counter<const N: usize>(
        &self,
        desc: &CounterDesc<N>,
    ) -> Result<Family<Counter, N>, MetricError> {
        self.inner.family(desc.descriptor()).map(Family::new)
    }

    /// The family of a gauge, or why it cannot be had.
    ///
    /// # Errors
    ///
    /// As [`try_counter`](Self::try_counter).
    pub fn try_gauge<const N: usize, V: GaugeValue>(
        &self,
        desc: &GaugeDesc<N, V>,
    ) -> Result<Family<Gauge<V>, N>, MetricError> {
        self.inner.family(desc.descriptor()).map(Family::new)
    }

    /// The family of an up-down counter, or why it cannot be had.
    ///
    /// # Errors
    ///
    /// As [`try_counter`](Self::try_counter).
    pub fn try_up_down_counter<const N: usize>(
        &self,
        desc: &UpDownCounterDesc<N>,
    ) -> Result<Family<UpDownCounter, N>, MetricError> {
        self.inner.family(desc.descriptor()).map(Family::new)
    }

    /// The family of a histogram, or why it cannot be had.
    ///
    /// # Errors
    ///
    /// As [`try_counter`](Self::try_counter).
    pub fn try_histogram<const N: usize, V: Observed>(
        &self,
        desc: &HistogramDesc<N, V>,
    ) -> Result<Family<Histogram<V>, N>, MetricError> {
        self.inner.family(desc.descriptor()).map(Family::new)
    }

    /// The family of a summary, or why it cannot be had.
    ///
    /// # Errors
    ///
    /// As [`try_counter`](Self::try_counter).
    pub fn try_summary<const N: usize, V: Observed>(
        &self,
        desc: &SummaryDesc<N, V>,
    ) -> Result<Family<Summary<V>, N>, MetricError> {
        self.inner.family(desc.descriptor()).map(Family::new)
    }

    /// The family of a metric known only at run time: `Counter`, `Gauge<f64>`, `Histogram<f64>` or `Summary<f64>` for
    /// descriptors built by [`Descriptor::counter`] and its siblings.
    ///
    /// # Errors
    ///
    /// [`MetricError::WrongKind`] and [`MetricError::WrongValue`] when the descriptor is of another kind, or over another
    /// type of values, than the family asked for; otherwise as
    /// [`try_counter`](Self::try_counter).
    pub fn dynamic<M: Metric>(
        &self,
        descriptor: &Descriptor,
    ) -> Result<DynamicFamily<M>, MetricError> {
        check::<M>(descriptor)?;
        self.inner.family(descriptor.clone()).map(DynamicFamily::new)
    }

    /// As [`dynamic`](Self::dynamic), where one name may have several sets of label names: the family whose labels are
    /// the descriptor's in any order, or a new one beside those. A snapshot joins them into one.
    ///
    /// They are of one kind, type of value, scale, buckets and window. Help text and unit are those of the first;
    /// [`describe`](Self::describe) fills them in. All share one limit of series and one overflow series.
    #[cfg(feature = "metrics")]
    pub(crate) fn variant<M: Metric>(
        &self,
        descriptor: &Descriptor,
    ) -> Result<DynamicFamily<M>, MetricError> {
        check::<M>(descriptor)?;
        self.inner.variant(descriptor.clone()).map(DynamicFamily::new)
    }

    /// Gives the metric of this name a help text and a unit, where it has none yet.
    #[cfg(feature = "metrics")]
    pub(crate) fn describe(&self, name: &str, help: &str, unit: crate::Unit) {
        self.inner.describe(name, help, unit);
    }

    /// Keeps a refusal that the caller cannot be told of in [`RegistryStats::conflicts`].
    #[cfg(feature = "metrics")]
    pub(crate) fn note(&self, error: MetricError) {
        self.inner.note(error);
    }

    /// Calls this at the start of each snapshot and each [`visit`](Self::visit), before the values are read: for values that
    /// somebody else keeps, such as the size of a pool or what the operating system knows. OpenTelemetry calls it the
    /// callback of an observable instrument.
    ///
    /// Callbacks run in the order in which they were given, on the thread that takes the snapshot, and for as long as the
    /// registry lives; not while it is switched off. They may record, look up series, and give more callbacks, which are
    /// called from the next snapshot on. A snapshot that a callback takes itself calls no callbacks of the same registry.
    /// Two threads that take snapshots at once may call one callback at once. One that panics is contained and counted in
    /// [`RegistryStats::failed_callbacks`]; the others run, and it is called again the next time. One that takes long
    /// holds up its own snapshot and no other.
    ///
    /// Use the registry that is passed in: a callback that holds a clone of it keeps it alive for ever.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicI64, Ordering};
    ///
    /// use ia_metrics_core::{GaugeDesc, Registry};
    ///
    /// const POOL: GaugeDesc<0> = GaugeDesc::new("pool_connections", "Connections of the pool.", []);
    ///
    /// let (registry, pool) = (Registry::new(), Arc::new(AtomicI64::new(0)));
    /// let size = registry.gauge(&POOL).get();
    /// let observed = Arc::clone(&pool);
    /// registry.on_snapshot(move |_| size.set(observed.load(Ordering::Relaxed)));
    ///
    /// pool.store(3, Ordering::Relaxed);
    /// assert_eq!(registry.snapshot().value("pool_connections", []), Some(3.0));
    /// ```
    pub fn on_snapshot(&self, callback: impl Fn(&Self) + Send + Sync + 'static) {
        self.inner.callbacks().add(callback);
    }

    /// A value that somebody keeps beside the registry, one of each type: made on first use, and there for as long as the
    /// registry lives. For who has to know whether a registry has met it before, as
    /// [`on_snapshot`](Self::on_snapshot) is to be called once.
    ///
    /// One that holds a clone of the registry keeps it alive for ever.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use ia_metrics_core::Registry;
    ///
    /// #[derive(Default)]
    /// struct Seen(AtomicU64);
    ///
    /// let registry = Registry::new();
    /// registry.extension::<Seen>().0.fetch_add(1, Ordering::Relaxed);
    /// assert_eq!(registry.clone().extension::<Seen>().0.load(Ordering::Relaxed), 1);
    /// assert_eq!(Registry::new().extension::<Seen>().0.load(Ordering::Relaxed), 0);
    /// ```
    #[must_use]
    pub fn extension<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.inner.extensions().get()
    }

    /// Says which span exemplars point to, as [`RegistryBuilder::exemplars`] does: for a registry that exists already.
    ///
    /// # Errors
    ///
    /// [`ExemplarSourceAlreadySet`] when it was said before; that source stays.
    pub fn set_exemplar_source(
        &self,
        source: fn() -> Option<ExemplarSpan>,
    ) -> Result<(), ExemplarSourceAlreadySet> {
        self.inner.shared().set_exemplars(source)
    }

    /// All metrics as they are now, after the callbacks of [`on_snapshot`](Self::on_snapshot).
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.call_back();
        self.inner.snapshot()
    }

    /// Shows all metrics as they are now, sorted by name, in pieces of at most 1,024 series, one after the other: so that
    /// what is written of a great many series needs no memory for all of them. The pieces of a family follow each other.
    ///
    /// Each piece is as of the moment when it is shown, so the pieces are not of one moment; a [`snapshot`](Self::snapshot)
    /// is. Metrics without series are not shown. The callbacks of [`on_snapshot`](Self::on_snapshot) run first.
    ///
    /// ```
    /// # use ia_metrics_core::{CounterDesc, Registry};
    /// # const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
    /// # let registry = Registry::new();
    /// # registry.counter(&PAGES).with(["pdf"]).inc();
    /// let mut series = 0;
    /// registry.visit(|piece| series += piece.series().len());
    /// assert_eq!(series, 1);
    /// ```
    pub fn visit(&self, show: impl FnMut(&FamilySnapshot)) {
        self.call_back();
        self.inner.visit(show);
    }

    /// Switches recording off or on, for every handle ever given out.
    pub fn set_enabled(&self, enabled: bool) {
        self.inner.set_enabled(enabled);
    }

    /// Whether recording is on. Defaults to on.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.inner.shared().is_enabled()
    }

    /// What the registry holds and what it refused.
    #[must_use]
    pub fn stats(&self) -> RegistryStats {
        self.inner.stats()
    }

    fn call_back(&self) {
        if self.is_enabled() {
            self.inner.callbacks().run(self);
        }
    }

    fn family<M: Metric, const N: usize>(&self, descriptor: Descriptor) -> Family<M, N> {
        let family = self.inner.family(descriptor.clone());
        Family::new(family.unwrap_or_else(|error| self.inner.refused(descriptor, error)))
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("enabled", &self.is_enabled())
            .field("stats", &self.stats())
            .finish()
    }
}

/// Whether a descriptor describes metrics of type `M`.
fn check<M: Metric>(descriptor: &Descriptor) -> Result<(), MetricError> {
    if descriptor.kind() != <M as sealed::Metric>::KIND {
        return Err(MetricError::WrongKind {
            metric: descriptor.name().to_owned(),
            described: descriptor.kind(),
            asked: <M as sealed::Metric>::KIND,
        });
    }
    if descriptor.value_type() != <M as sealed::Metric>::VALUE {
        return Err(MetricError::WrongValue {
            metric: descriptor.name().to_owned(),
            described: descriptor.value_type().as_str(),
            asked: <M as sealed::Metric>::VALUE.as_str(),
        });
    }
    Ok(())
}

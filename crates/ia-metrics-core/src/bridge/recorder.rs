//! The recorder.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Key, KeyName, Metadata, SharedString, Unit};

use super::builder::RecorderBuilder;
use super::export::Exporter;
use super::handles::Bridged;
use super::local;
use super::metric_names::MetricNames;
use super::stats::RecorderStats;
use crate::{Buckets, Counter, Gauge, Histogram, Registry};

/// Each recorder's number, by which threads tell their handles apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The bridge from the [`metrics`] crate: what is recorded through its macros arrives in a [`Registry`], and so in every
/// exporter. Cheap to clone; all clones are one recorder.
///
/// ```
/// use ia_metrics_core::{Recorder, Registry};
///
/// let registry = Registry::new();
/// metrics::set_global_recorder(Recorder::new(registry.clone()))?;
///
/// metrics::counter!("http.requests", "method" => "GET").increment(1);
///
/// assert_eq!(registry.snapshot().value("http_requests", [("method", "GET")]), Some(1.0));
/// # Ok::<(), metrics::SetRecorderError<Recorder>>(())
/// ```
///
/// # Kinds
///
/// A counter is a counter; `absolute` raises it, never lowers it. A gauge is one of `f64`. A histogram is one of `f64`
/// with the buckets of [`RecorderBuilder`]: choose them where the values are not seconds. NaN and infinity are refused
/// and counted ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
///
/// # Names
///
/// What Prometheus does not allow in a name becomes `_`: `http.requests` is exported as `http_requests`. Labels that the
/// exporters write themselves, such as `le`, get `exported_` in front. No suffix is added: `_total` and units are the
/// business of who names the metric.
///
/// Where two names become one, or two kinds share one, the first to be used keeps it. The other is exported under the
/// name followed by its kind, as in `http_requests_gauge`, or else by its kind and a fingerprint of the name as it was
/// given, which is the same in every process. No values are ever mixed. [`stats`](Self::stats) counts such cases, and
/// [`RegistryStats::conflicts`](crate::RegistryStats::conflicts) names them. The one metric that does share its name is
/// one of the registry itself with the same kind, type of value and buckets: then both write into it.
///
/// # Labels
///
/// Labels are a set: their order makes no difference, of one given twice the last value counts, and one with an empty
/// value is as good as none. One name may be used with different labels; a snapshot has all of it as one family. Such a
/// family has one limit of series, past which everything goes to its overflow series.
///
/// # Lifetime
///
/// A series stays for as long as the recorder: that keeps a handle of it. A metric of the registry that shares its name and
/// has an idle timeout ([`DescriptorBuilder::idle_timeout`](crate::DescriptorBuilder::idle_timeout)) is looked up at each
/// call instead, so that its series go when they stand still. Do not remove series that the bridge records
/// ([`Family::remove`](crate::Family::remove)): it would go on counting where nobody reads.
///
/// # Descriptions
///
/// `describe_counter!` and its siblings may come before or after the first use; the first word on a metric stays. Values
/// are never converted. Bytes, percent and seconds are units of ours and a count is [`Unit::None`](crate::Unit::None);
/// any other unit, such as milliseconds, is [`Unit::None`](crate::Unit::None) too, and the help text ends in
/// `Unit: milliseconds.`
///
/// # Cost
///
/// The macros ask for their handle at each call. Each thread remembers the last few hundred keys it used, so a call with
/// labels known at compile time allocates nothing and takes no lock. Keep the handle where even that is too much.
/// `absolute` takes a lock and looks at every thread; it is for totals that somebody else keeps.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

/// What the clones of a recorder share.
pub(super) struct Inner {
    number: u64,
    exporter: Exporter,
    pub(super) counters: MetricNames<Counter>,
    pub(super) gauges: MetricNames<Gauge<f64>>,
    pub(super) histograms: MetricNames<Histogram<f64>>,
}

impl Recorder {
    /// A bridge into this registry, with the defaults of [`RecorderBuilder`].
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self::builder(registry).build()
    }

    /// Starts a bridge that differs from the defaults.
    pub fn builder(registry: Registry) -> RecorderBuilder {
        RecorderBuilder::new(registry)
    }

    pub(super) fn with(
        registry: Registry,
        buckets: HashMap<String, Buckets>,
        default_buckets: Buckets,
    ) -> Self {
        let inner = Inner {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            exporter: Exporter::new(registry, buckets, default_buckets),
            counters: MetricNames::default(),
            gauges: MetricNames::default(),
            histograms: MetricNames::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What it passes on, and what it could not. Keep a clone of the recorder to ask later.
    #[must_use]
    pub fn stats(&self) -> RecorderStats {
        let Inner { counters, gauges, histograms, exporter, .. } = &*self.inner;
        RecorderStats {
            keys: counters.keys.len() + gauges.keys.len() + histograms.keys.len(),
            collisions: exporter.collisions(),
            refused: exporter.refused(),
        }
    }

    fn handle<M: Bridged>(&self, key: &Key) -> M::Handle {
        let number = self.inner.number;
        local::find::<M>(number, key).unwrap_or_else(|| self.inner.handle::<M>(key))
    }
}

impl Inner {
    #[cold]
    fn handle<M: Bridged>(&self, key: &Key) -> M::Handle {
        let names = M::names(self);
        if let Some(entry) = names.keys.find(key) {
            return local::keep(self.number, &entry);
        }
        let Some(found) = names.resolve(&self.exporter, key) else { return M::nothing() };
        if found.is_overflow || found.evictable || !keepable(key) {
            // There is no end to such keys, or a handle that is kept would keep the series: they are not kept.
            return found.metric.handle();
        }
        local::keep(self.number, &names.keys.insert(key, found.metric))
    }
}

/// Whether there are no more such keys than there are series: label values are cut, so what is longer is.
fn keepable(key: &Key) -> bool {
    key.labels().all(|label| label.value().len() <= crate::labels::VALUE_LIMIT)
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        let Inner { counters, exporter, .. } = &*self.inner;
        counters.describe(exporter, key.as_str(), &description, unit);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        let Inner { gauges, exporter, .. } = &*self.inner;
        gauges.describe(exporter, key.as_str(), &description, unit);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        let Inner { histograms, exporter, .. } = &*self.inner;
        histograms.describe(exporter, key.as_str(), &description, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> metrics::Counter {
        self.handle::<Counter>(key)
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> metrics::Gauge {
        self.handle::<Gauge<f64>>(key)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> metrics::Histogram {
        self.handle::<Histogram<f64>>(key)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

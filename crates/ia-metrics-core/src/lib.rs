//! Counters, gauges, histograms and summaries that are cheap to record and exact to read.
//!
//! A metric is described once, by a constant. The number of its labels is part of the constant's type, so a wrong number
//! of label values does not compile. A [`Registry`] turns the description into a family, the family and label values
//! into a handle. Bind handles early and keep them: recording through a handle looks nothing up.
//!
//! ```
//! use std::time::Duration;
//!
//! use ia_metrics_core::{CounterDesc, HistogramDesc, Registry};
//!
//! const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
//! const PARSING: HistogramDesc<1, Duration> =
//!     HistogramDesc::seconds("parsing_seconds", "Time to parse a page.", ["format"]);
//!
//! let registry = Registry::new();
//! let (pages, parsing) = (registry.counter(&PAGES).with(["pdf"]), registry.histogram(&PARSING).with(["pdf"]));
//! pages.inc();
//! parsing.observe(Duration::from_millis(3));
//!
//! let snapshot = registry.snapshot();
//! assert_eq!(snapshot.value("pages_parsed_total", [("format", "pdf")]), Some(1.0));
//! ```
//!
//! # The way of a number
//!
//! handle → the thread's own cell → [`Registry::snapshot`] → [`Snapshot`] → an exporter. A snapshot is immutable, and every
//! exporter reads the same one; [`Registry::visit`] shows the same piece by piece, for pages too large to hold. Values are
//! integers inside and turn into seconds or dollars only on export ([`Scale`]), so sums are exact in whatever order they
//! were made.
//!
//! # What it costs
//!
//! A thread adds to memory that is its own, with a plain load and a plain store, and a reader adds the threads up. So
//! recording takes no lock and no lock-prefixed instruction, and threads do not wait for each other. What a thread has
//! recorded stays when it ends: the next thread adds to it, so totals never go back and memory follows the most threads
//! there were at a time.
//!
//! - Looking a series up by its labels ([`Family::with`]) allocates nothing and takes no lock once the series exists.
//! - A series that is rarely recorded is kept once, whatever the number of threads; one that is recorded often gets a cell
//!   in each thread that records it.
//! - Memory is reserved as address space, 128 MiB for each thread that records, and costs only where it is touched. Where
//!   there is none to be had (`ulimit -v`, Windows, 32 bits), all threads share one cell per series: slower, and as exact.
//! - A [`Gauge`] can be set, so its threads share a cell; what is only added to and subtracted from is better an
//!   [`UpDownCounter`].
//!
//! The repository's README has the figures, beside those of other libraries: `cargo xtask bench peers`.
//!
//! # The life of a series
//!
//! A series exists from its first look-up until it is removed ([`Family::remove`]) or, where the descriptor says so
//! ([`CounterDesc::idle_timeout`]), until it has stood still for a while and nobody has a handle to it. A handle keeps its
//! series: a place is used again only when no handle is left, so a late writer never counts for somebody else.
//!
//! # What is refused, and where it shows
//!
//! - Names that Prometheus would not take do not compile in a constant; from run-time strings they are a
//!   [`MetricError`].
//! - A second definition of a name is a [`MetricError`] from the `try_` functions; the others hand out a family that is
//!   not exported and note the clash in [`RegistryStats::conflicts`].
//! - NaN and infinity are counted in [`RegistryStats::rejected`]; so are negative values of a summary.
//! - A label value longer than 4,096 bytes is cut there and ends in `…`, so two that differ only behind it are one series.
//! - Series over a metric's limit (2,000 by default) share one series labelled `otel_metric_overflow="true"`; the total
//!   stays exact, and the lookups are counted in `telemetry_series_overflow_total`.
//! - A callback of [`Registry::on_snapshot`] that panics is counted in [`RegistryStats::failed_callbacks`].
//!
//! # Features
//!
//! Both are off by default.
//!
//! - `metrics`: `Recorder`, the bridge from the `metrics` crate. With it as the global recorder, what any dependency
//!   records through the macros `counter!`, `gauge!` and `histogram!` arrives in a registry, and so in every exporter.
//! - `process`: `ProcessMetrics`, the `process_…` metrics of Prometheus' own clients: processor time, memory, open files,
//!   threads, start time.

#[cfg(feature = "metrics")]
mod bridge;
mod buckets;
mod clock;
mod desc;
mod error;
mod exemplar;
mod exponential;
mod family;
mod kind;
mod labels;
mod metric;
mod name;
mod number;
#[cfg(feature = "process")]
mod process;
mod registry;
mod search;
mod series;
mod shared;
mod slab;
mod snapshot;
mod summary;
mod sync;
mod unit;
mod value;

#[cfg(feature = "metrics")]
pub use self::bridge::{Recorder, RecorderBuilder, RecorderStats};
pub use self::buckets::Buckets;
pub use self::clock::{Clock, SystemClock};
pub use self::desc::{
    CounterDesc, Descriptor, DescriptorBuilder, GaugeDesc, HistogramDesc, SummaryDesc,
    UpDownCounterDesc,
};
pub use self::error::{Difference, MetricError};
pub use self::exemplar::{Exemplar, ExemplarSourceAlreadySet, ExemplarSpan, HexId};
pub use self::exponential::{BucketRange, ExponentialBucket, ExponentialBuckets, ExponentialScale};
pub use self::family::{ClosedFamily, DynamicFamily, Family, LabelSet, LabelValue};
pub use self::kind::Kind;
pub use self::labels::LabelText;
pub use self::metric::{
    Countable, Counter, Gauge, Histogram, InFlight, Metric, Summary, UpDownCounter,
};
pub use self::name::NameFault;
pub use self::number::Number;
#[cfg(feature = "process")]
pub use self::process::ProcessMetrics;
pub use self::registry::{GlobalAlreadySet, Registry, RegistryBuilder, RegistryStats};
pub use self::snapshot::{
    Bucket, DataPoint, FamilySnapshot, HistogramPoint, Integers, LabelTexts, SeriesIter,
    SeriesSnapshot, Snapshot, SummaryPoint,
};
pub use self::unit::{Scale, Unit};
pub use self::value::{GaugeValue, Observed};

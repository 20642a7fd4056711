//! Metrics for Prometheus: the text format, and an endpoint to scrape.
//!
//! A [`PrometheusExporter`] turns a [`Snapshot`] into the text exposition format, version 0.0.4, which every version of
//! Prometheus and everything compatible with it reads. With the feature `serve` it also serves a [`Registry`]: each
//! scrape of `/metrics` gets a snapshot of that moment.
//!
//! ```
//! use ia_exporter_prometheus::{CounterDesc, PrometheusExporter, Registry};
//!
//! const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
//!
//! let registry = Registry::new();
//! registry.counter(&PAGES).with(["pdf"]).add(3);
//!
//! let exporter = PrometheusExporter::builder().prefix("myapp").build()?;
//! let text = exporter.render(&registry.snapshot());
//! assert!(text.ends_with("\nmyapp_pages_parsed_total{format=\"pdf\"} 3\n"));
//! # Ok::<(), ia_exporter_prometheus::ConfigError>(())
//! ```
//!
//! # What the text is like
//!
//! - Metrics come sorted by name, their series in the order of their creation, but that a
//!   series may take the place of one that was removed. Metrics without series are left out.
//! - Numbers are exact: sums of durations and money are integers inside, and are written with all their decimal places.
//! - Every label value survives as the registry has it, whatever it holds.
//! - A summary whose window holds nothing has `NaN` for its quantiles, as Prometheus' own clients have it.
//!
//! # Features
//!
//! - `serve` (on by default): `PrometheusExporter::serve`. Without it the crate needs nothing but the metric core.
//!
//! # Missing
//!
//! OpenMetrics, the protobuf format and so exemplars and native histograms; compression; Remote Write.

mod config;
mod encode;
mod error;
mod exporter;
mod page;
#[cfg(feature = "serve")]
mod transport;

#[cfg(feature = "serve")]
pub use ia_export::{Handler, Limits, Listener, ServeError, Server};
pub use ia_metrics_core::{
    Buckets, Counter, CounterDesc, Descriptor, Gauge, GaugeDesc, Histogram, HistogramDesc,
    Registry, Snapshot, Summary, SummaryDesc, UpDownCounter, UpDownCounterDesc,
};

pub use self::config::PrometheusExporterBuilder;
pub use self::error::ConfigError;
pub use self::exporter::PrometheusExporter;
pub use self::page::Page;

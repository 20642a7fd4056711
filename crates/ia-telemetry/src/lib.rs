//! Telemetry for data and AI pipelines: one dependency, no configuration, and every run is counted, timed, priced and
//! traced.
//!
//! ```
//! use ia_telemetry::prelude::*;
//!
//! async fn load(_: StepContext, folder: String) -> Result<Vec<String>, std::io::Error> {
//!     Ok(vec![format!("{folder}/a page")])
//! }
//!
//! async fn count(ctx: StepContext, pages: Vec<String>) -> Result<usize, std::io::Error> {
//!     ctx.items(pages.len());
//!     Ok(pages.len())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pipeline = Pipeline::builder("my_pipeline").step("load", load).step("count", count).build()?;
//! let run = pipeline.run("docs".to_owned()).await?; // counted, timed, traced
//! println!("{} pages in {:.2?} for {}", run.output, run.duration, run.cost);
//!
//! print!("{}", PrometheusExporter::new().render(&telemetry().metrics()));
//! println!("{}", Waterfall::of(&telemetry().spans()));
//! # Ok(()) }
//! ```
//!
//! # Parts
//!
//! This crate puts together what can also be had alone: [`metrics`] (counters, gauges, histograms, summaries),
//! [`tracing`] (spans), [`pipeline`] (steps and flows that record themselves), the exporters, and [`export`] (what
//! became of everything). [`prelude`] has what most programs use, [`testing`] telemetry for a test, [`guides`] longer
//! texts.
//!
//! # Features
//!
//! - `pipeline` (default): pipelines of async steps.
//! - `prometheus` (default): the Prometheus text format and an endpoint to scrape.
//! - `metrics`: what crates record through the macros of the `metrics` crate arrives in a registry, by
//!   `metrics::Recorder` of [`metrics`].
//! - `yaml`: flow files in YAML, beside JSON.
//! - `process`: processor time, memory, open files and threads of the process, in every telemetry that is built.

pub mod guides;
pub mod prelude;
pub mod testing;

mod telemetry;

pub use ia_export as export;
#[cfg(feature = "prometheus")]
pub use ia_exporter_prometheus as prometheus;
pub use ia_metrics_core as metrics;
#[cfg(feature = "pipeline")]
pub use ia_pipeline as pipeline;
pub use ia_tracing as tracing;

pub use self::telemetry::{Telemetry, TelemetryBuilder, TelemetryError, TelemetryGuard, telemetry};

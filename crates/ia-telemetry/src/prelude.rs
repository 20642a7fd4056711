//! What most programs use: `use ia_telemetry::prelude::*`.

use std::time::Duration;

#[cfg(feature = "prometheus")]
pub use ia_exporter_prometheus::PrometheusExporter;
pub use ia_metrics_core::{
    Counter, CounterDesc, Gauge, GaugeDesc, Histogram, HistogramDesc, Registry, Snapshot, Summary,
    SummaryDesc,
};
#[cfg(feature = "pipeline")]
pub use ia_pipeline::{
    Backoff, Budget, BudgetExceeded, BuildErrors, CheckpointStore, CircuitBreaker, ErrorType,
    FileStore, Flow, FlowFile, Inputs, MemoryStore, OnExceeded, PauseToken, Pipeline, Policy,
    Price, PriceBook, RateLimit, Run, RunError, RunErrorKind, Service, Services, SharedBudget,
    Step, StepContext, StepError, StepRegistry, Steps, Usage, Usd, step_fn, usd,
};
pub use ia_tracing::{Instrument, SimpleTracer, Span, SpanContext, Spans, Tracer, Waterfall};

pub use crate::{Telemetry, TelemetryGuard, telemetry};

/// So many seconds: `secs(5)`.
#[must_use]
pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

//! Every metric that a run emits.

use std::time::Duration;

use ia_metrics_core::{CounterDesc, Descriptor, GaugeDesc, HistogramDesc, Scale, Unit};

/// Up to an hour: a pipeline may take its time, and a quantile cannot be above the last bound.
const RUN_SECONDS: &[f64] = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0,
    3_600.0,
];

/// From ten microseconds, as a step may be a mere conversion.
const STEP_SECONDS: &[f64] = &[
    0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0,
    600.0, 1_800.0, 3_600.0,
];

/// Runs that came to an end, or to a pause, by how.
pub const PIPELINE_EXECUTIONS: CounterDesc<2> = CounterDesc::new(
    "pipeline_executions_total",
    "Runs of the pipeline by how they ended: success, error, cancelled, or paused at each pause.",
    ["pipeline_name", "status"],
);

/// How long runs took, pauses and waiting for a permit left out.
pub const PIPELINE_DURATION: HistogramDesc<1, Duration> = HistogramDesc::seconds(
    "pipeline_duration_seconds",
    "Time a run took, without pauses and without waiting for a permit.",
    ["pipeline_name"],
)
.buckets(RUN_SECONDS);

/// Runs under way.
pub const ACTIVE_PIPELINES: GaugeDesc<1> =
    GaugeDesc::new("active_pipelines", "Runs of the pipeline under way.", ["pipeline_name"]);

/// How long steps took, all attempts together.
pub const STEP_DURATION: HistogramDesc<2, Duration> = HistogramDesc::seconds(
    "step_duration_seconds",
    "Time a step took in all its attempts, without waiting for a permit or between attempts.",
    ["pipeline_name", "step_name"],
)
.buckets(STEP_SECONDS);

/// Steps that failed for good, by what with.
pub const STEP_ERRORS: CounterDesc<3> = CounterDesc::new(
    "step_errors_total",
    "Final failures of a step by type of error, those that a fallback answered included.",
    ["pipeline_name", "step_name", "error_type"],
);

/// Items that steps reported.
pub const ITEMS_PROCESSED: CounterDesc<1> = CounterDesc::new(
    "items_processed_total",
    "Items that steps reported as processed.",
    ["pipeline_name"],
);

/// Calls of outside services.
pub const API_CALLS: CounterDesc<1> = CounterDesc::new(
    "api_calls_total",
    "Calls of outside services that steps made.",
    ["pipeline_name"],
);

/// What runs cost.
pub const PIPELINE_COST: CounterDesc<1> = CounterDesc::new(
    "pipeline_cost_usd_total",
    "What runs cost in US dollars, as far as prices are known.",
    ["pipeline_name"],
)
.unit(Unit::Usd)
.scale(Scale::NANO);

/// Steps by how they ended.
pub const STEP_EXECUTIONS: CounterDesc<3> = CounterDesc::new(
    "step_executions_total",
    "Executions of a step by how they ended: success, fallback, error, skipped or cancelled.",
    ["pipeline_name", "step_name", "status"],
);

/// Attempts after the first.
pub const STEP_RETRIES: CounterDesc<2> = CounterDesc::new(
    "step_retries_total",
    "Attempts of a step after the first.",
    ["pipeline_name", "step_name"],
);

/// Items by the step that reported or sent them.
pub const STEP_ITEMS: CounterDesc<2> = CounterDesc::new(
    "step_items_total",
    "Items that a step reported as processed, or sent into the stream that it yields.",
    ["pipeline_name", "step_name"],
);

/// Items that wait in streams.
pub const STEP_STREAM_DEPTH: GaugeDesc<2> = GaugeDesc::new(
    "step_stream_depth",
    "Items that wait in the streams that a step yields, all runs together.",
    ["pipeline_name", "step_name"],
);

/// How long the two sides of streams waited for each other.
pub const STEP_STREAM_BLOCKED: CounterDesc<3> = CounterDesc::new(
    "step_stream_blocked_seconds_total",
    "Time that a step waited for room in the stream that it yields (send), and that the next step waited for an item (receive).",
    ["pipeline_name", "step_name", "side"],
)
.unit(Unit::Seconds)
.scale(Scale::NANO);

/// How long steps waited for permits and for their rate limits.
pub const STEP_QUEUE_WAIT: HistogramDesc<2, Duration> = HistogramDesc::seconds(
    "step_queue_wait_seconds",
    "Time a step waited before an attempt, for permits and for its rate limit, where it has such limits.",
    ["pipeline_name", "step_name"],
)
.buckets(STEP_SECONDS);

/// Runs and steps that wait for a permit or for a rate limit.
pub const PIPELINE_QUEUE_DEPTH: GaugeDesc<1> = GaugeDesc::new(
    "pipeline_queue_depth",
    "Runs and steps that wait for a permit or for a rate limit.",
    ["pipeline_name"],
);

/// When a run last succeeded.
pub const PIPELINE_LAST_SUCCESS: GaugeDesc<1> = GaugeDesc::new(
    "pipeline_last_success_timestamp_seconds",
    "When a run last succeeded, in seconds since 1970; absent before the first.",
    ["pipeline_name"],
)
.unit(Unit::Seconds)
.scale(Scale::NANO);

/// Tokens of model calls.
pub const API_TOKENS: CounterDesc<3> = CounterDesc::new(
    "api_tokens_total",
    "Tokens of model calls by kind: input, output, cached_input and cache_write, which input includes, and reasoning, which output includes.",
    ["pipeline_name", "model", "kind"],
);

/// Calls whose price is not known.
pub const UNPRICED_API_CALLS: CounterDesc<1> = CounterDesc::new(
    "unpriced_api_calls_total",
    "Calls of outside services whose price is not known, so that their cost is missing from the cost.",
    ["pipeline_name"],
);

/// CPU time of runs.
pub const PIPELINE_CPU_SECONDS: CounterDesc<1> = CounterDesc::new(
    "pipeline_cpu_seconds_total",
    "CPU time of the pipeline's steps and of what they spawned.",
    ["pipeline_name"],
)
.unit(Unit::Seconds)
.scale(Scale::NANO);

/// CPU time of runs over time. The time is that since the last reading that was at least a second before, by whomever; at
/// first since the pipeline was built.
pub const PIPELINE_CPU_PERCENT: GaugeDesc<1, f64> = GaugeDesc::new(
    "pipeline_cpu_percent",
    "CPU time of the pipeline over time, 100 for one processor; absent where it is not measured.",
    ["pipeline_name"],
);

/// Memory of runs. See [`TrackingAllocator`](crate::TrackingAllocator).
pub const PIPELINE_MEMORY: GaugeDesc<1> = GaugeDesc::new(
    "pipeline_memory_bytes",
    "Memory that the pipeline allocated and has not freed; without a tracking allocator that of the process.",
    ["pipeline_name"],
)
.unit(Unit::Bytes);

/// Whose CPU time and memory the metrics above tell.
pub const TELEMETRY_ATTRIBUTION: GaugeDesc<2> = GaugeDesc::new(
    "telemetry_attribution",
    "1 where a pipeline's cpu or memory is told with this scope: pipeline, process or off.",
    ["resource", "scope"],
);

/// How much of the CPU time of the process is known to be a pipeline's.
pub const TELEMETRY_CPU_ATTRIBUTION_RATIO: GaugeDesc<0, f64> = GaugeDesc::new(
    "telemetry_cpu_attribution_ratio",
    "CPU time of all pipelines over that of the process, since the first pipeline was built.",
    [],
);

/// The descriptions of all the metrics above.
#[must_use]
pub fn catalogue() -> Vec<Descriptor> {
    vec![
        PIPELINE_EXECUTIONS.descriptor(),
        PIPELINE_DURATION.descriptor(),
        ACTIVE_PIPELINES.descriptor(),
        STEP_DURATION.descriptor(),
        STEP_ERRORS.descriptor(),
        ITEMS_PROCESSED.descriptor(),
        API_CALLS.descriptor(),
        PIPELINE_COST.descriptor(),
        STEP_EXECUTIONS.descriptor(),
        STEP_RETRIES.descriptor(),
        STEP_ITEMS.descriptor(),
        STEP_STREAM_DEPTH.descriptor(),
        STEP_STREAM_BLOCKED.descriptor(),
        STEP_QUEUE_WAIT.descriptor(),
        PIPELINE_QUEUE_DEPTH.descriptor(),
        PIPELINE_LAST_SUCCESS.descriptor(),
        API_TOKENS.descriptor(),
        UNPRICED_API_CALLS.descriptor(),
        PIPELINE_CPU_SECONDS.descriptor(),
        PIPELINE_CPU_PERCENT.descriptor(),
        PIPELINE_MEMORY.descriptor(),
        TELEMETRY_ATTRIBUTION.descriptor(),
        TELEMETRY_CPU_ATTRIBUTION_RATIO.descriptor(),
    ]
}

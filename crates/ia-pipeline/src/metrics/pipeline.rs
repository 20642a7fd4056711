//! The handles of a pipeline as a whole.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use ia_metrics_core::{Counter, Family, Gauge, Histogram, InFlight, Registry};

use super::{COMPILED_IN, StepMetrics};
use crate::builder::StepPlan;
use crate::status::RunStatus;
use crate::{Usage, Usd, catalogue};

/// What a pipeline records about its runs.
pub(crate) struct PipelineMetrics {
    name: String,
    executions: [Counter; 4],
    duration: Histogram<Duration>,
    active: Gauge,
    queue_depth: Gauge,
    items: Counter,
    api_calls: Counter,
    unpriced: Counter,
    cost: Counter,
    last_success: Family<Gauge, 1>,
    /// Bound at the first success: the series is absent before.
    succeeded: OnceLock<Gauge>,
    tokens: Family<Counter, 3>,
    pub(crate) steps: Vec<StepMetrics>,
}

impl PipelineMetrics {
    pub(crate) fn bind(registry: &Registry, name: &str, plans: &[StepPlan]) -> Self {
        let executions = registry.counter(&catalogue::PIPELINE_EXECUTIONS);
        Self {
            name: name.to_owned(),
            executions: RunStatus::ALL.map(|status| executions.with([name, status.as_str()])),
            duration: registry.histogram(&catalogue::PIPELINE_DURATION).with([name]),
            active: registry.gauge(&catalogue::ACTIVE_PIPELINES).with([name]),
            queue_depth: registry.gauge(&catalogue::PIPELINE_QUEUE_DEPTH).with([name]),
            items: registry.counter(&catalogue::ITEMS_PROCESSED).with([name]),
            api_calls: registry.counter(&catalogue::API_CALLS).with([name]),
            unpriced: registry.counter(&catalogue::UNPRICED_API_CALLS).with([name]),
            cost: registry.counter(&catalogue::PIPELINE_COST).with([name]),
            last_success: registry.gauge(&catalogue::PIPELINE_LAST_SUCCESS),
            succeeded: OnceLock::new(),
            tokens: registry.counter(&catalogue::API_TOKENS),
            steps: plans.iter().map(|plan| StepMetrics::bind(registry, name, plan)).collect(),
        }
    }

    /// One more run under way, until this is dropped.
    pub(crate) fn active(&self) -> Option<InFlight> {
        COMPILED_IN.then(|| self.active.in_flight())
    }

    /// One more run or step that waits for a permit, until this is dropped.
    pub(crate) fn queued(&self) -> Option<InFlight> {
        COMPILED_IN.then(|| self.queue_depth.in_flight())
    }

    /// Counts how a run ended, `at` a time of day, after `duration`, which is not over where it paused.
    pub(crate) fn ended(&self, status: RunStatus, at: SystemTime, duration: Duration) {
        if !COMPILED_IN {
            return;
        }
        self.executions[status.index()].inc();
        if status != RunStatus::Paused {
            self.duration.observe(duration);
        }
        if status == RunStatus::Success {
            let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let nanos = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
            self.succeeded.get_or_init(|| self.last_success.with([&self.name])).set(nanos);
        }
    }

    pub(crate) fn items(&self, items: u64) {
        if COMPILED_IN {
            self.items.add(items);
        }
    }

    pub(crate) fn cost(&self, cost: Usd) {
        if COMPILED_IN {
            self.cost.add(u64::try_from(cost.as_nanos()).unwrap_or(0));
        }
    }

    pub(crate) fn api_call(&self, model: Option<&str>, usage: Usage, priced: bool) {
        if !COMPILED_IN {
            return;
        }
        self.api_calls.inc();
        if !priced {
            self.unpriced.inc();
        }
        let kinds = [
            ("input", usage.input()),
            ("output", usage.output()),
            ("cached_input", usage.cached_input()),
            ("cache_write", usage.cache_written_input()),
            ("reasoning", usage.reasoning_output()),
        ];
        for (kind, tokens) in kinds.into_iter().filter(|(_, tokens)| *tokens > 0) {
            self.tokens.with([self.name.as_str(), model.unwrap_or("unknown"), kind]).add(tokens);
        }
    }
}

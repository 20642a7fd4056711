//! The handles of a pipeline as a whole.

use std::time::SystemTime;

use ia_metrics_core::{Counter, Family, Gauge, Histogram, Registry};

use super::StepMetrics;
use crate::builder::StepPlan;
use crate::status::RunStatus;
use crate::{Usage, Usd, catalogue};

/// What a pipeline records about its runs.
pub(crate) struct PipelineMetrics {
    name: String,
    executions: [Counter; 4],
    pub(crate) duration: Histogram<std::time::Duration>,
    pub(crate) active: Gauge,
    pub(crate) queue_depth: Gauge,
    items: Counter,
    api_calls: Counter,
    unpriced: Counter,
    cost: Counter,
    /// Bound at the first success: the series is absent before.
    last_success: Family<Gauge, 1>,
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
            tokens: registry.counter(&catalogue::API_TOKENS),
            steps: plans.iter().map(|plan| StepMetrics::bind(registry, name, plan)).collect(),
        }
    }

    pub(crate) fn ended(&self, status: RunStatus, at: SystemTime) {
        let position = RunStatus::ALL.iter().position(|known| *known == status);
        if let Some(counter) = position.and_then(|at| self.executions.get(at)) {
            counter.inc();
        }
        if status == RunStatus::Success {
            let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            self.last_success
                .with([&self.name])
                .set(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        }
    }

    pub(crate) fn items(&self, items: u64) {
        self.items.add(items);
    }

    pub(crate) fn cost(&self, cost: Usd) {
        self.cost.add(u64::try_from(cost.as_nanos()).unwrap_or(0));
    }

    pub(crate) fn api_call(&self, model: Option<&str>, usage: Usage, priced: bool) {
        self.api_calls.inc();
        if !priced {
            self.unpriced.inc();
        }
        let kinds = [
            ("input", usage.input()),
            ("output", usage.output()),
            ("cached_input", usage.cached_input()),
        ];
        for (kind, tokens) in kinds.into_iter().filter(|(_, tokens)| *tokens > 0) {
            self.tokens.with([self.name.as_str(), model.unwrap_or("unknown"), kind]).add(tokens);
        }
    }
}

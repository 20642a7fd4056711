//! The handles of one step.

use std::time::Duration;

use ia_metrics_core::{Counter, Histogram, Registry};

use super::error_counters::ErrorCounters;
use super::{COMPILED_IN, StreamMetrics};
use crate::RateLimit;
use crate::builder::StepPlan;
use crate::catalogue;
use crate::error_type::{CIRCUIT_OPEN, PANIC, RATE_LIMITED, TIMEOUT};
use crate::status::StepStatus;

/// What a pipeline records about one of its steps.
pub(crate) struct StepMetrics {
    executions: [Counter; 5],
    duration: Histogram<Duration>,
    retries: Counter,
    queue_wait: Histogram<Duration>,
    errors: ErrorCounters,
    items: Counter,
    pub(crate) stream: Option<StreamMetrics>,
}

impl StepMetrics {
    pub(crate) fn bind(registry: &Registry, pipeline: &str, plan: &StepPlan) -> Self {
        let step = &*plan.name;
        let executions = registry.counter(&catalogue::STEP_EXECUTIONS);
        let errors = ErrorCounters::new(registry.counter(&catalogue::STEP_ERRORS), pipeline, step);
        // The failures that every step can have are there at zero, so that the first one is seen by `rate`.
        errors.bind(PANIC);
        errors.bind(TIMEOUT);
        if plan.policy.breaker.is_some() {
            errors.bind(CIRCUIT_OPEN);
        }
        if plan.policy.rate_limit.as_ref().is_some_and(RateLimit::refuses) {
            errors.bind(RATE_LIMITED);
        }
        Self {
            executions: StepStatus::ALL
                .map(|status| executions.with([pipeline, step, status.as_str()])),
            duration: registry.histogram(&catalogue::STEP_DURATION).with([pipeline, step]),
            retries: registry.counter(&catalogue::STEP_RETRIES).with([pipeline, step]),
            queue_wait: registry.histogram(&catalogue::STEP_QUEUE_WAIT).with([pipeline, step]),
            errors,
            items: registry.counter(&catalogue::STEP_ITEMS).with([pipeline, step]),
            stream: StreamMetrics::bind(registry, pipeline, step, plan.stream.is_some()),
        }
    }

    /// Counts how an execution ended, after `duration` where it ran and time was taken.
    pub(crate) fn ended(&self, status: StepStatus, duration: Option<Duration>) {
        if !COMPILED_IN {
            return;
        }
        self.executions[status.index()].inc();
        if let Some(duration) = duration {
            self.duration.observe(duration);
        }
    }

    /// Counts an attempt after the first.
    pub(crate) fn retried(&self) {
        if COMPILED_IN {
            self.retries.inc();
        }
    }

    /// Counts items that the step reported or sent.
    pub(crate) fn items(&self, items: u64) {
        if COMPILED_IN {
            self.items.add(items);
        }
    }

    /// How long an attempt waited for permits and for its rate limit.
    pub(crate) fn waited(&self, wait: Duration) {
        if COMPILED_IN {
            self.queue_wait.observe(wait);
        }
    }

    /// Makes a failure visible at zero, so that the first one is seen by `rate`.
    pub(crate) fn can_fail_as(&self, error_type: &str) {
        self.errors.bind(error_type);
    }

    /// Counts a final failure.
    pub(crate) fn failed(&self, error_type: &str) {
        if COMPILED_IN {
            self.errors.bind(error_type).inc();
        }
    }
}

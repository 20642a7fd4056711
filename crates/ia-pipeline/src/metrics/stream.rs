//! The handles of a stream that a step yields.

use std::time::Duration;

use ia_metrics_core::{Counter, Gauge, InFlight, Registry};

use super::COMPILED_IN;
use crate::catalogue;
use crate::stream::Side;

/// What a pipeline records about the stream that one of its steps yields.
#[derive(Clone)]
pub(crate) struct StreamMetrics {
    depth: Gauge,
    blocked: [Counter; 2],
}

impl StreamMetrics {
    /// The families are there in any pipeline, the series where the step yields a stream.
    pub(super) fn bind(
        registry: &Registry,
        pipeline: &str,
        step: &str,
        yields: bool,
    ) -> Option<Self> {
        let depth = registry.gauge(&catalogue::STEP_STREAM_DEPTH);
        let blocked = registry.counter(&catalogue::STEP_STREAM_BLOCKED);
        yields.then(|| Self {
            depth: depth.with([pipeline, step]),
            blocked: Side::ALL.map(|side| blocked.with([pipeline, step, side.as_str()])),
        })
    }

    /// One more item that waits to be taken, until this is dropped.
    pub(crate) fn waits(&self) -> Option<InFlight> {
        COMPILED_IN.then(|| self.depth.in_flight())
    }

    /// How long a side had to wait.
    pub(crate) fn blocked(&self, side: Side, wait: Duration) {
        if COMPILED_IN {
            self.blocked[side as usize].add(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX));
        }
    }
}

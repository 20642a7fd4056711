//! What a stream records: its items, its depth, and how long its two sides wait.

use std::sync::Arc;
use std::time::Instant;

use ia_metrics_core::InFlight;

use crate::metrics::{StepMetrics, StreamMetrics};
use crate::pipeline::Core;

/// Which side of a stream waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The step that yields waits for room.
    Send,
    /// The step that takes waits for an item.
    Receive,
}

/// The handles of one stream. The clock is read only where a side really waits.
pub(super) struct Meter {
    core: Arc<Core>,
    step: usize,
    stream: StreamMetrics,
}

/// One wait for room or for an item, timed also where it is given up.
pub(super) struct Waiting<'a> {
    meter: &'a Meter,
    side: Side,
    pub(super) since: Option<Instant>,
}

impl Side {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Send, Self::Receive];

    /// The value of the label `side`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
        }
    }
}

impl Meter {
    pub(super) fn new(core: &Arc<Core>, step: usize, stream: StreamMetrics) -> Self {
        Self { core: Arc::clone(core), step, stream }
    }

    /// Counts an item; it waits until the guard is dropped.
    pub(super) fn item(&self) -> Option<InFlight> {
        self.step().items(1);
        self.stream.waits()
    }

    /// A side has to wait from now on, if it did not before.
    pub(super) fn waits(&self, since: &mut Option<Instant>) {
        if since.is_none() && self.core.is_observed() {
            *since = Some(self.core.tracer.now());
        }
    }

    /// A side waits no longer, if it did.
    pub(super) fn waited(&self, side: Side, since: &mut Option<Instant>) {
        if let Some(since) = since.take() {
            self.stream.blocked(side, self.core.tracer.now().saturating_duration_since(since));
        }
    }

    fn step(&self) -> &StepMetrics {
        &self.core.metrics.steps[self.step]
    }
}

impl<'a> Waiting<'a> {
    pub(super) fn new(meter: &'a Meter, side: Side) -> Self {
        Self { meter, side, since: None }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.meter.waited(self.side, &mut self.since);
    }
}

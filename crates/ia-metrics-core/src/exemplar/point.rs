//! One exemplar.

use std::time::SystemTime;

use super::ExemplarSpan;
use crate::Number;

/// A recorded value, when it was recorded, and the span that was current then: the way from a number to a trace.
///
/// Metrics keep exemplars when their description says so ([`CounterDesc::exemplars`](crate::CounterDesc::exemplars)) and
/// the registry has a source of spans ([`RegistryBuilder::exemplars`](crate::RegistryBuilder::exemplars)).
///
/// # Which are kept
///
/// A counter keeps one per series, a histogram one per series and bucket; one with exponential buckets keeps those of the 8
/// buckets that had one last. A new one takes the place of the old one, but at most once between two snapshots: so it is the
/// first value recorded in a sampled span since the snapshot before, and a hot loop pays for one exemplar per snapshot. An
/// exemplar stays until there is a new one or its series is removed. Where another thread is storing one for the same
/// metric, there is no waiting: the value is recorded and not kept as an exemplar.
///
/// A value recorded outside of any sampled span leaves no exemplar. Neither does a counter's zero, nor what a bridge records
/// of somebody else: a total as a whole, or one value many times.
///
/// # What it costs
///
/// Metrics without exemplars cost nothing for it. With them, recording leaves the fast path: a few nanoseconds more where
/// there is no current span or the bucket has its exemplar already, and a reading of the clock and a lock for a new one.
///
/// # Where the rules come from
///
/// `OpenMetrics` 1.0, "Exemplars": on a counter's total and a histogram's buckets, each within its bucket. `trace_id` and
/// `span_id` with their values take 63 of the 128 characters it allows. OpenTelemetry metrics data model, "Exemplars": the
/// value as it was measured (for a counter the amount that was added), the time, and the ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exemplar {
    value: Number,
    span: ExemplarSpan,
    recorded_at: SystemTime,
}

impl Exemplar {
    pub(super) fn new(value: Number, span: ExemplarSpan, recorded_at: SystemTime) -> Self {
        Self { value, span, recorded_at }
    }

    /// The value in the exported unit: what was observed, or the amount that was added.
    #[must_use]
    pub fn value(&self) -> Number {
        self.value
    }

    /// The span in which it was recorded.
    #[must_use]
    pub fn span(&self) -> ExemplarSpan {
        self.span
    }

    /// When it was recorded, by the registry's clock.
    #[must_use]
    pub fn recorded_at(&self) -> SystemTime {
        self.recorded_at
    }
}

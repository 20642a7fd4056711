//! The value of one series.

use super::{HistogramPoint, SummaryPoint};
use crate::Number;

/// The value of one series, by kind.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum DataPoint<'a> {
    /// A total since [`Snapshot::started_at`](super::Snapshot::started_at).
    Counter(Number),
    /// A current value.
    Gauge(Number),
    /// Counted observations.
    Histogram(&'a HistogramPoint),
    /// Quantiles of recent observations.
    Summary(&'a SummaryPoint),
}

impl DataPoint<'_> {
    /// One number for the point: the value, or how many values were observed.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Counter(number) | Self::Gauge(number) => number.as_f64(),
            Self::Histogram(histogram) => histogram.count() as f64,
            Self::Summary(summary) => summary.count() as f64,
        }
    }
}

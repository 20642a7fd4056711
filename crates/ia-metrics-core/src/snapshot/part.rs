//! Some series of a metric, as a snapshot owns them.

use std::sync::Arc;

use super::{HistogramPoint, SummaryPoint};
use crate::Exemplar;
use crate::series::Rows;

/// The labels and points of up to a thousand series. Labels are shared with the metric: those that a part has seen are
/// never changed.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// `None` for the overflow series.
    pub(crate) rows: Option<Arc<Rows>>,
    /// A point for each row, used or not; those behind them are left over from a part that had more.
    pub(crate) points: Points,
    /// The exemplars of counters, by row, ascending.
    pub(crate) exemplars: Vec<(usize, Exemplar)>,
    /// How many rows there are.
    filled: usize,
    /// How many of the rows are series.
    len: usize,
}

/// The points of a part: of the kind that the metric is, and none of the others.
#[derive(Debug, Default)]
pub(crate) struct Points {
    /// The bits of counters and gauges.
    pub(crate) values: Vec<u64>,
    pub(crate) histograms: Vec<HistogramPoint>,
    pub(crate) summaries: Vec<SummaryPoint>,
}

impl Part {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn points(&self) -> usize {
        self.filled
    }

    /// Counts the series, once the points of so many rows are there. Without holes, every row is one.
    pub(crate) fn count(&mut self, filled: usize, holes: bool) {
        self.filled = filled;
        self.len = match &self.rows {
            Some(rows) if holes => (0..filled).filter(|row| rows.is_used(*row)).count(),
            _ => filled,
        };
    }

    /// Whether the row is a series.
    #[inline]
    pub(crate) fn is_used(&self, row: usize) -> bool {
        self.len == self.points() || self.rows.as_ref().is_none_or(|rows| rows.is_used(row))
    }
}

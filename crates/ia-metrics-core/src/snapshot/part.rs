//! Some series of a metric, as a snapshot owns them.

use std::sync::Arc;

use super::{HistogramPoint, SummaryPoint};
use crate::series::Rows;

/// The labels and points of up to a thousand series. Labels are shared with the metric: those that a part has seen are
/// never changed.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// `None` for the overflow series.
    pub(crate) rows: Option<Arc<Rows>>,
    /// A point for each row, used or not.
    pub(crate) points: Points,
    /// How many of the rows are series.
    len: usize,
}

/// The points of a part, by kind.
#[derive(Debug, Default)]
pub(crate) enum Points {
    #[default]
    None,
    /// The bits of counters and gauges.
    Values(Vec<u64>),
    Histograms(Vec<HistogramPoint>),
    Summaries(Vec<SummaryPoint>),
}

impl Part {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn points(&self) -> usize {
        match &self.points {
            Points::None => 0,
            Points::Values(values) => values.len(),
            Points::Histograms(points) => points.len(),
            Points::Summaries(points) => points.len(),
        }
    }

    /// Counts the series, once the points are there. Without holes, every row is one.
    pub(crate) fn count(&mut self, holes: bool) {
        let points = self.points();
        self.len = match &self.rows {
            Some(rows) if holes => (0..points).filter(|row| rows.is_used(*row)).count(),
            _ => points,
        };
    }

    /// Whether the row is a series.
    #[inline]
    pub(crate) fn is_used(&self, row: usize) -> bool {
        self.len == self.points() || self.rows.as_ref().is_none_or(|rows| rows.is_used(row))
    }
}

macro_rules! reuse {
    ($name:ident, $variant:ident, $point:ty) => {
        /// The points of this kind that are there already, or none.
        pub(crate) fn $name(&mut self) -> &mut Vec<$point> {
            if !matches!(self, Self::$variant(_)) {
                *self = Self::$variant(Vec::new());
            }
            match self {
                Self::$variant(points) => points,
                _ => unreachable!("it was just made so"),
            }
        }
    };
}

impl Points {
    reuse!(values, Values, u64);
    reuse!(histograms, Histograms, HistogramPoint);
    reuse!(summaries, Summaries, SummaryPoint);
}

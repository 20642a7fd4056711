//! The quantiles of one series.

use crate::{Number, Scale};

/// Quantiles of recent observations of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryPoint {
    quantiles: [(f64, Option<f64>); 4],
    count: u64,
    sum: Number,
}

impl SummaryPoint {
    /// The quantiles that a snapshot holds.
    pub const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

    pub(crate) fn new(quantiles: [(f64, Option<f64>); 4], count: u64, sum: Number) -> Self {
        Self { quantiles, count, sum }
    }

    /// Each quantile and its value in the exported unit; `None` when nothing was observed within the window.
    #[must_use]
    pub fn quantiles(&self) -> &[(f64, Option<f64>)] {
        &self.quantiles
    }

    /// How many values were ever observed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of all values ever observed, in the exported unit.
    #[must_use]
    pub fn sum(&self) -> Number {
        self.sum
    }
}

impl Default for SummaryPoint {
    /// Nothing observed.
    fn default() -> Self {
        let quantiles = Self::QUANTILES.map(|q| (q, None));
        Self { quantiles, count: 0, sum: Number::Unsigned(0, Scale::ONE) }
    }
}

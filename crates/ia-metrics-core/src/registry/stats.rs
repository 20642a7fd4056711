//! What a registry holds and what it refused.

use crate::MetricError;

/// What a [`Registry`](crate::Registry) holds and what it refused.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RegistryStats {
    /// How many metrics there are.
    pub metrics: usize,
    /// How many series they have, overflow series included.
    pub series: usize,
    /// How many lookups of a new series a limit sent to an overflow series.
    pub overflowed: u64,
    /// How many values were refused: NaN, infinity, or out of a summary's range.
    pub rejected: u64,
    /// How many calls of a callback ended in a panic; see [`Registry::on_snapshot`](crate::Registry::on_snapshot).
    pub failed_callbacks: u64,
    /// The metrics that were refused without the caller being told, and why: the first 100 distinct ones.
    pub conflicts: Vec<MetricError>,
}

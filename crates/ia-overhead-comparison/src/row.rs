//! One measured figure: what a subject adds to a step of its baseline.

use std::time::Duration;

use ia_overhead_comparison::Subject;

use crate::statistics::Estimate;

/// What a subject adds to a step of its baseline.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) subject: &'static Subject,
    /// How long a step is meant to take; zero does nothing.
    pub(crate) step: Duration,
    pub(crate) threads: usize,
    /// What a step of the baseline takes, in nanoseconds.
    pub(crate) baseline_ns: f64,
    /// What is added to it, in nanoseconds.
    pub(crate) added_ns: Estimate,
    /// From how many turns of on, off, off, on.
    pub(crate) used: usize,
    /// How many there were.
    pub(crate) turns: usize,
}

impl Row {
    pub(crate) fn percent(&self) -> f64 {
        100.0 * self.added_ns.median / self.baseline_ns
    }

    /// The standard error of [`percent`](Self::percent).
    pub(crate) fn percent_error(&self) -> f64 {
        100.0 * self.added_ns.error / self.baseline_ns
    }

    pub(crate) fn is(&self, name: &str, step: Duration) -> bool {
        self.subject.name == name && self.step == step
    }
}

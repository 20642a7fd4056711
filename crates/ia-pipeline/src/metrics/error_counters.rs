//! The errors of one step by type, at most so many types.

use std::sync::{Mutex, PoisonError};

use ia_metrics_core::{Counter, Family};

/// The most types of error that one step may have; what comes after is counted as [`OTHER`].
const MOST: usize = 32;

const OTHER: &str = "other";

/// Counts the errors of one step.
pub(crate) struct ErrorCounters {
    family: Family<Counter, 3>,
    pipeline: String,
    step: String,
    known: Mutex<Vec<(String, Counter)>>,
}

impl ErrorCounters {
    pub(crate) fn new(family: Family<Counter, 3>, pipeline: &str, step: &str) -> Self {
        Self {
            family,
            pipeline: pipeline.to_owned(),
            step: step.to_owned(),
            known: Mutex::default(),
        }
    }

    /// The counter of this type of error.
    pub(crate) fn bind(&self, error_type: &str) -> Counter {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counter)) = known.iter().find(|(name, _)| name == error_type) {
            return counter.clone();
        }
        let name = if known.len() < MOST { error_type } else { OTHER };
        let counter = self.family.with([self.pipeline.as_str(), &self.step, name]);
        if known.len() < MOST {
            known.push((name.to_owned(), counter.clone()));
        }
        counter
    }
}

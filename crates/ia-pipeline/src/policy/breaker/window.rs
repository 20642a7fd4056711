//! The last calls of a closed breaker.

use std::collections::VecDeque;

/// Which of the last calls failed.
pub(super) struct Window {
    size: usize,
    failed: VecDeque<bool>,
    failures: usize,
}

impl Window {
    pub(super) fn new(size: u32) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        Self { size, failed: VecDeque::new(), failures: 0 }
    }

    pub(super) fn push(&mut self, failed: bool) {
        if self.failed.len() == self.size && self.failed.pop_front() == Some(true) {
            self.failures -= 1;
        }
        self.failed.push_back(failed);
        self.failures += usize::from(failed);
    }

    /// The share of calls that failed; `None` while there are too few calls to tell.
    pub(super) fn failure_rate(&self) -> Option<f64> {
        let is_full = self.failed.len() == self.size;
        is_full.then(|| self.failures as f64 / self.size as f64)
    }
}

//! A clock that tests move by hand.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use ia_metrics_core::{Clock, SystemClock};

#[derive(Clone, Debug)]
pub(crate) struct ManualClock {
    start: Instant,
    passed: Arc<Mutex<Duration>>,
}

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self { start: SystemClock.now(), passed: Arc::default() }
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.passed.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + *self.passed.lock().unwrap()
    }
}

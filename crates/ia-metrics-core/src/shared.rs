//! What all metrics of one registry share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::exemplar::{ExemplarSource, ExemplarSourceAlreadySet};
use crate::{Clock, ExemplarSpan};

/// The registry's switch, clock and count of refused values, held by every handle.
#[derive(Debug)]
pub(crate) struct Shared {
    enabled: AtomicBool,
    rejected: AtomicU64,
    clock: Box<dyn Clock>,
    exemplars: OnceLock<ExemplarSource>,
}

impl Shared {
    pub(crate) fn new(enabled: bool, clock: Box<dyn Clock>) -> Self {
        Self {
            enabled: AtomicBool::new(enabled),
            rejected: AtomicU64::new(0),
            clock,
            exemplars: OnceLock::new(),
        }
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    pub(crate) fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::Relaxed);
    }

    /// Counts a value that cannot be recorded: NaN, infinity, or out of a summary's range.
    pub(crate) fn reject(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    /// Says where exemplars come from, once.
    pub(crate) fn set_exemplars(
        &self,
        source: ExemplarSource,
    ) -> Result<(), ExemplarSourceAlreadySet> {
        self.exemplars.set(source).map_err(|_| ExemplarSourceAlreadySet)
    }

    /// The span that an exemplar would point to now. A source that panics knows none.
    #[inline]
    pub(crate) fn current_span(&self) -> Option<ExemplarSpan> {
        std::panic::catch_unwind(self.exemplars.get()?).ok()?
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}

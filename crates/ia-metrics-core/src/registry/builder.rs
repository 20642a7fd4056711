//! Makes registries.

use std::sync::Arc;

use super::Registry;
use super::inner::Inner;
use crate::shared::Shared;
use crate::{Clock, SystemClock};

/// Makes a [`Registry`] that differs from the defaults.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct RegistryBuilder {
    clock: Box<dyn Clock>,
    enabled: bool,
    series_limit: usize,
}

impl RegistryBuilder {
    /// Sets the most series that one metric may have, where its descriptor does not say otherwise. Defaults to 2,000.
    pub fn series_limit(mut self, limit: usize) -> Self {
        self.series_limit = limit;
        self
    }

    /// Sets whether recording is on. Defaults to on.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Sets where the registry takes its time from. Defaults to [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes the registry.
    #[must_use]
    pub fn build(self) -> Registry {
        Registry {
            inner: Arc::new(Inner::new(Shared::new(self.enabled, self.clock), self.series_limit)),
        }
    }
}

impl Default for RegistryBuilder {
    fn default() -> Self {
        Self { clock: Box::new(SystemClock), enabled: true, series_limit: 2_000 }
    }
}

//! Makes registries.

use std::sync::Arc;

use super::Registry;
use super::inner::Inner;
use crate::exemplar::ExemplarSource;
use crate::shared::Shared;
use crate::{Clock, ExemplarSpan, SystemClock};

/// Makes a [`Registry`] that differs from the defaults.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct RegistryBuilder {
    clock: Box<dyn Clock>,
    enabled: bool,
    series_limit: usize,
    exemplars: Option<ExemplarSource>,
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

    /// Sets which span exemplars point to: the current one of the thread that records, if it is sampled; `None` where there
    /// is no such span. Defaults to no exemplars, until [`Registry::set_exemplar_source`].
    ///
    /// It is called while a value is recorded, only for metrics that keep exemplars: it must be quick, and must not record
    /// into such a metric itself. One that panics is contained and counts as `None`.
    ///
    /// ```
    /// use ia_metrics_core::{CounterDesc, ExemplarSpan, Registry};
    ///
    /// const PAGES: CounterDesc<0> = CounterDesc::new("pages_total", "Pages parsed.", []).exemplars();
    ///
    /// let current = || ExemplarSpan::new([0x4b; 16], [0x2a; 8]); // ask your tracer here
    /// let registry = Registry::builder().exemplars(current).build();
    /// registry.counter(&PAGES).get().add(3);
    ///
    /// let snapshot = registry.snapshot();
    /// let series = snapshot.family("pages_total").and_then(|family| family.series().next());
    /// let exemplar = series.and_then(|series| series.exemplar()).expect("there is a current span");
    /// assert_eq!(exemplar.value().as_f64(), 3.0);
    /// assert_eq!(exemplar.span().span_id().to_string(), "2a2a2a2a2a2a2a2a");
    /// ```
    pub fn exemplars(mut self, source: fn() -> Option<ExemplarSpan>) -> Self {
        self.exemplars = Some(source);
        self
    }

    /// Makes the registry.
    #[must_use]
    pub fn build(self) -> Registry {
        let shared = Shared::new(self.enabled, self.clock);
        if let Some(source) = self.exemplars {
            // Cannot fail: it is the first source.
            shared.set_exemplars(source).ok();
        }
        Registry { inner: Arc::new(Inner::new(shared, self.series_limit)) }
    }
}

impl Default for RegistryBuilder {
    fn default() -> Self {
        Self { clock: Box::new(SystemClock), enabled: true, series_limit: 2_000, exemplars: None }
    }
}

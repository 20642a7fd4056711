//! Makes recorders.

use std::collections::HashMap;

use super::recorder::Recorder;
use crate::{Buckets, Registry};

/// Makes a [`Recorder`] that differs from the defaults.
///
/// ```
/// use ia_metrics_core::{Buckets, Recorder, Registry};
///
/// let recorder = Recorder::builder(Registry::new())
///     .buckets("response.bytes", Buckets::exponential(256.0, 4.0, 8)?)
///     .default_buckets(Buckets::new([0.1, 1.0, 10.0])?)
///     .build();
/// # Ok::<(), ia_metrics_core::MetricError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct RecorderBuilder {
    registry: Registry,
    buckets: HashMap<String, Buckets>,
    default_buckets: Option<Buckets>,
}

impl RecorderBuilder {
    pub(super) fn new(registry: Registry) -> Self {
        Self { registry, buckets: HashMap::new(), default_buckets: None }
    }

    /// Sets the buckets of the histogram that is recorded under this name, spelled as its `histogram!` spells it.
    /// Defaults to [`default_buckets`](Self::default_buckets).
    pub fn buckets(mut self, name: impl Into<String>, buckets: Buckets) -> Self {
        self.buckets.insert(name.into(), buckets);
        self
    }

    /// Sets the buckets of all other histograms. Defaults to [`Buckets::DEFAULT`], made for seconds.
    pub fn default_buckets(mut self, buckets: Buckets) -> Self {
        self.default_buckets = Some(buckets);
        self
    }

    /// Makes the recorder.
    #[must_use]
    pub fn build(self) -> Recorder {
        let default = self.default_buckets.unwrap_or_default();
        Recorder::with(self.registry, self.buckets, default)
    }
}

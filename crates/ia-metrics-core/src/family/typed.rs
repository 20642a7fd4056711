//! Families whose number of labels is known to the compiler.

use std::marker::PhantomData;
use std::sync::Arc;

use super::FamilyOwner;
use crate::Descriptor;
use crate::metric::Metric;

/// A metric with `N` labels. Made by [`Registry::counter`](crate::Registry::counter) and its siblings.
///
/// A wrong number of values does not compile:
///
/// ```compile_fail
/// # use ia_metrics_core::{CounterDesc, Registry};
/// const PAGES: CounterDesc<1> = CounterDesc::new("pages_parsed_total", "Pages parsed.", ["format"]);
/// Registry::new().counter(&PAGES).with(["pdf", "a4"]);
/// ```
#[derive(Debug)]
pub struct Family<M: Metric, const N: usize> {
    inner: Arc<FamilyOwner>,
    metric: PhantomData<fn() -> M>,
}

impl<M: Metric, const N: usize> Family<M, N> {
    pub(crate) fn new(inner: Arc<FamilyOwner>) -> Self {
        Self { inner, metric: PhantomData }
    }

    pub(super) fn owner(&self) -> &Arc<FamilyOwner> {
        &self.inner
    }

    /// The handle for these label values, in the order of the descriptor's labels. Bind it once and keep it: recording
    /// through it looks nothing up.
    ///
    /// Any string is a valid value; what is longer than 4,096 bytes is cut and ends in `…`. Past the metric's limit of
    /// series the handle is that of the overflow series, labelled `otel_metric_overflow="true"`, and the
    /// lookup is counted in `telemetry_series_overflow_total`.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`with([\"pdf\"])` reads better than `with(&[\"pdf\"])`"
    )]
    #[inline]
    pub fn with<S: AsRef<str>>(&self, values: [S; N]) -> M {
        M::new(self.inner.find(&values.each_ref().map(AsRef::as_ref)))
    }

    /// Removes the series of these label values; `false` when there is none. It is gone from the next snapshot on; the
    /// same values make a new one, from zero. What is counted through handles that are still there is not read any more.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`remove([\"pdf\"])` reads better than `remove(&[\"pdf\"])`"
    )]
    pub fn remove<S: AsRef<str>>(&self, values: [S; N]) -> bool {
        self.inner.remove(&values.each_ref().map(AsRef::as_ref))
    }

    /// Removes every series, as [`remove`](Self::remove) does, but for the overflow series.
    pub fn clear(&self) {
        self.inner.clear();
    }

    /// What the metric is.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        self.inner.descriptor()
    }
}

impl<M: Metric> Family<M, 0> {
    /// The handle of a metric without labels.
    #[must_use]
    pub fn get(&self) -> M {
        M::new(self.inner.find(&[]))
    }
}

impl<M: Metric, const N: usize> Clone for Family<M, N> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.inner))
    }
}

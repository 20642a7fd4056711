//! Families whose label values are known to the compiler.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use super::{Family, FamilyOwner, LabelSet};
use crate::metric::Metric;

/// A metric whose series are known to the compiler: a handle for each combination of label values, found by array index.
/// Made by [`Family::closed`].
#[derive(Clone)]
pub struct ClosedFamily<M: Metric, L: LabelSet> {
    inner: Arc<Inner<M>>,
    labels: PhantomData<fn(L)>,
}

struct Inner<M> {
    handles: Box<[M]>,
    family: Arc<FamilyOwner>,
    /// The handle for what is none of the combinations.
    stray: OnceLock<M>,
}

impl<M: Metric, const N: usize> Family<M, N> {
    /// Binds the series of all combinations of label values at once. They exist from now on, at zero, so a rate is right
    /// from the first event on.
    ///
    /// Combinations past the metric's limit of series share the overflow series, as in [`with`](Self::with). A series that
    /// is removed afterwards is not made again: what is counted through its handle is not read any more.
    ///
    /// ```
    /// use ia_metrics_core::{CounterDesc, Registry, label_values};
    ///
    /// const REQUESTS: CounterDesc<2> =
    ///     CounterDesc::new("requests_total", "Requests answered.", ["method", "outcome"]);
    ///
    /// label_values! {
    ///     enum Method { Get = "GET", Post = "POST" }
    ///     enum Outcome { Ok = "ok", Failed = "failed" }
    /// }
    ///
    /// let registry = Registry::new();
    /// let requests = registry.counter(&REQUESTS).closed::<(Method, Outcome)>();
    /// requests.get((Method::Post, Outcome::Ok)).inc();
    ///
    /// let snapshot = registry.snapshot();
    /// let value = |method, outcome| {
    ///     snapshot.value("requests_total", [("method", method), ("outcome", outcome)])
    /// };
    /// assert_eq!((value("POST", "ok"), value("GET", "failed")), (Some(1.0), Some(0.0)));
    /// ```
    ///
    /// A wrong number of labels does not compile:
    ///
    /// ```compile_fail,E0271
    /// # use ia_metrics_core::{CounterDesc, Registry, label_values};
    /// # label_values! { enum Method { Get = "GET", Post = "POST" } }
    /// const REQUESTS: CounterDesc<2> =
    ///     CounterDesc::new("requests_total", "Requests answered.", ["method", "outcome"]);
    /// Registry::new().counter(&REQUESTS).closed::<Method>();
    /// ```
    #[must_use]
    pub fn closed<L: LabelSet<Values = [&'static str; N]>>(&self) -> ClosedFamily<M, L> {
        let handles = L::all().map(|values| self.with(values)).collect();
        let family = Arc::clone(self.owner());
        ClosedFamily {
            inner: Arc::new(Inner { handles, family, stray: OnceLock::new() }),
            labels: PhantomData,
        }
    }
}

impl<M: Metric, L: LabelSet> ClosedFamily<M, L> {
    /// The handle of these labels. Looks nothing up and allocates nothing.
    ///
    /// Labels that are none of the combinations, by a wrong [`LabelValue`](crate::LabelValue) written by hand, get the handle
    /// of the overflow series.
    #[must_use]
    #[inline]
    pub fn get(&self, labels: L) -> &M {
        match self.inner.handles.get(labels.position()) {
            Some(handle) => handle,
            None => self.stray(),
        }
    }

    #[cold]
    fn stray(&self) -> &M {
        self.inner.stray.get_or_init(|| M::new(self.inner.family.overflow()))
    }
}

impl<M: Metric, L: LabelSet> fmt::Debug for ClosedFamily<M, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClosedFamily").field("handles", &self.inner.handles).finish_non_exhaustive()
    }
}

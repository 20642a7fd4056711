//! Families whose labels are known only at run time.

use std::marker::PhantomData;
use std::sync::Arc;

use super::FamilyOwner;
use crate::metric::Metric;
use crate::{Descriptor, MetricError};

/// A metric whose labels are known only at run time. Made by [`Registry::dynamic`](crate::Registry::dynamic).
#[derive(Debug)]
pub struct DynamicFamily<M: Metric> {
    inner: Arc<FamilyOwner>,
    metric: PhantomData<fn() -> M>,
}

impl<M: Metric> DynamicFamily<M> {
    pub(crate) fn new(inner: Arc<FamilyOwner>) -> Self {
        Self { inner, metric: PhantomData }
    }

    /// The handle for these label values, in the order of the descriptor's labels.
    ///
    /// # Errors
    ///
    /// [`MetricError::LabelCount`] when there is not exactly one value for each label.
    pub fn with<S: AsRef<str>>(&self, values: &[S]) -> Result<M, MetricError> {
        self.check(values.len())?;
        Ok(M::new(on_stack(values, |values| self.inner.find_slice(values))))
    }

    /// Removes the series of these label values; `false` when there is none. See [`Family::remove`](crate::Family::remove).
    ///
    /// # Errors
    ///
    /// As [`with`](Self::with).
    pub fn remove<S: AsRef<str>>(&self, values: &[S]) -> Result<bool, MetricError> {
        self.check(values.len())?;
        Ok(on_stack(values, |values| self.inner.remove(values)))
    }

    /// Removes every series but the overflow series.
    pub fn clear(&self) {
        self.inner.clear();
    }

    /// The handle for these label values, named, in any order.
    ///
    /// # Errors
    ///
    /// [`MetricError::UnknownLabel`] for a label that the metric does not have or that is given twice,
    /// [`MetricError::LabelCount`] when one is missing.
    pub fn with_pairs<K: AsRef<str>, S: AsRef<str>>(
        &self,
        pairs: &[(K, S)],
    ) -> Result<M, MetricError> {
        let descriptor = self.descriptor();
        let mut values = vec![None; descriptor.labels().len()];
        for (label, value) in pairs {
            match descriptor.labels().position(|known| known == label.as_ref()) {
                Some(at) if values[at].is_none() => values[at] = Some(value.as_ref()),
                _ => {
                    return Err(MetricError::UnknownLabel {
                        metric: descriptor.name().to_owned(),
                        label: label.as_ref().to_owned(),
                        known: descriptor.labels().map(str::to_owned).collect(),
                    });
                }
            }
        }
        let given: Vec<&str> = values.into_iter().flatten().collect();
        self.with(&given)
    }

    /// As [`with`](Self::with), and says whether the handle is that of the overflow series. There must be one value for
    /// each label.
    #[cfg(feature = "metrics")]
    pub(crate) fn lookup<S: AsRef<str>>(&self, values: &[S]) -> Option<Found<M>> {
        self.check(values.len()).ok()?;
        let series = on_stack(values, |values| self.inner.find_slice(values));
        let is_overflow = self.inner.is_overflow(&series);
        let evictable = self.descriptor().idle_timeout().is_some();
        Some(Found { metric: M::new(series), is_overflow, evictable })
    }

    fn check(&self, found: usize) -> Result<(), MetricError> {
        let expected = self.inner.descriptor().labels().len();
        if found == expected {
            return Ok(());
        }
        Err(MetricError::LabelCount {
            metric: self.descriptor().name().to_owned(),
            expected,
            found,
        })
    }

    /// What the metric is.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        self.inner.descriptor()
    }
}

/// The handle of some label values.
#[cfg(feature = "metrics")]
pub(crate) struct Found<M> {
    pub(crate) metric: M,
    /// Whether it is that of the overflow series.
    pub(crate) is_overflow: bool,
    /// Whether the series is removed when it stands still, unless somebody keeps a handle.
    pub(crate) evictable: bool,
}

impl<M: Metric> Clone for DynamicFamily<M> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.inner))
    }
}

/// Runs `run` over the values as strings, without allocating where there are few.
fn on_stack<S: AsRef<str>, R>(values: &[S], run: impl FnOnce(&[&str]) -> R) -> R {
    const FEW: usize = 16;
    let mut few = [""; FEW];
    if let Some(few) = few.get_mut(..values.len()) {
        for (place, value) in few.iter_mut().zip(values) {
            *place = value.as_ref();
        }
        return run(few);
    }
    let many: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    run(&many)
}

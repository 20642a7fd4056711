//! Families whose labels are known only at run time.

use std::sync::Arc;

use super::FamilyInner;
use crate::metric::Metric;
use crate::{Descriptor, MetricError};

/// A metric whose labels are known only at run time. Made by [`Registry::dynamic`](crate::Registry::dynamic).
#[derive(Debug)]
pub struct DynamicFamily<M: Metric> {
    inner: Arc<FamilyInner<M>>,
}

impl<M: Metric> DynamicFamily<M> {
    pub(crate) fn new(inner: Arc<FamilyInner<M>>) -> Self {
        Self { inner }
    }

    /// The handle for these label values, in the order of the descriptor's labels.
    ///
    /// # Errors
    ///
    /// [`MetricError::LabelCount`] when there is not exactly one value for each label.
    pub fn with<S: AsRef<str>>(&self, values: &[S]) -> Result<M, MetricError> {
        let expected = self.inner.descriptor().labels().len();
        if values.len() == expected {
            Ok(self.inner.handle(values))
        } else {
            Err(MetricError::LabelCount {
                metric: self.descriptor().name().to_owned(),
                expected,
                found: values.len(),
            })
        }
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

    /// What the metric is.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        self.inner.descriptor()
    }
}

impl<M: Metric> Clone for DynamicFamily<M> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

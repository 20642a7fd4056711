//! The families by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Difference;
use crate::family::FamilyOwner;
use crate::{Descriptor, MetricError};

/// The families by name, and which of them writes a sample name.
#[derive(Debug, Default)]
pub(super) struct Families {
    by_name: BTreeMap<String, Arc<FamilyOwner>>,
    samples: BTreeMap<String, String>,
    /// All of them, sorted by name: made anew with each, so that a reader keeps no lock.
    list: Arc<[Arc<FamilyOwner>]>,
}

impl Families {
    /// The family of this name, if what is asked for is the same.
    pub(super) fn get(&self, asked: &Descriptor) -> Option<Result<Arc<FamilyOwner>, MetricError>> {
        let known = self.by_name.get(asked.name())?;
        Some(match known.descriptor().difference(asked) {
            None => Ok(Arc::clone(known)),
            Some(difference) => Err(conflict(asked, difference)),
        })
    }

    /// Takes the sample names that the metric will write, or says who has one of them.
    pub(super) fn claim(&mut self, descriptor: &Descriptor) -> Result<(), MetricError> {
        let name = descriptor.name();
        let samples = descriptor.kind().sample_suffixes().iter();
        let samples: Vec<String> = samples.map(|suffix| format!("{name}{suffix}")).collect();
        for sample in &samples {
            if let Some(owner) = self.samples.get(sample) {
                return Err(MetricError::NameTaken {
                    metric: name.to_owned(),
                    sample: sample.clone(),
                    owner: owner.clone(),
                });
            }
        }
        self.samples.extend(samples.into_iter().map(|sample| (sample, name.to_owned())));
        Ok(())
    }

    pub(super) fn insert(&mut self, family: Arc<FamilyOwner>) {
        self.by_name.insert(family.descriptor().name().to_owned(), family);
        self.list = self.by_name.values().cloned().collect();
    }

    pub(super) fn list(&self) -> &Arc<[Arc<FamilyOwner>]> {
        &self.list
    }
}

fn conflict(asked: &Descriptor, difference: Difference) -> MetricError {
    MetricError::Conflict { metric: asked.name().to_owned(), difference }
}

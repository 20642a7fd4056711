//! The families by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::group::Group;
#[cfg(feature = "metrics")]
use crate::Unit;
use crate::family::FamilyOwner;
use crate::{Descriptor, MetricError};

/// The families by name, and which of them writes a sample name.
#[derive(Debug, Default)]
pub(super) struct Families {
    by_name: BTreeMap<String, Group>,
    samples: BTreeMap<String, String>,
    /// All of them, sorted by name: made anew with each, so that a reader keeps no lock.
    list: Arc<[Group]>,
}

impl Families {
    /// The family of this name, if what is asked for is the same.
    pub(super) fn get(&self, asked: &Descriptor) -> Option<Result<Arc<FamilyOwner>, MetricError>> {
        Some(self.by_name.get(asked.name())?.exact(asked))
    }

    /// The family of this name whose labels are those that are asked for, in any order, or one that may not be kept. An error
    /// where the name is measured in another way.
    #[cfg(feature = "metrics")]
    pub(super) fn variant(
        &self,
        asked: &Descriptor,
    ) -> Result<Option<Arc<FamilyOwner>>, MetricError> {
        self.by_name.get(asked.name()).map_or(Ok(None), |group| group.variant(asked))
    }

    /// One more family of a name that is there; `None` where it is not.
    #[cfg(feature = "metrics")]
    pub(super) fn add_variant(&mut self, descriptor: &Descriptor) -> Option<Arc<FamilyOwner>> {
        let group = self.by_name.get_mut(descriptor.name())?;
        let sibling = group.sibling(descriptor.clone());
        if sibling.may_have_series() {
            group.keep(Arc::clone(&sibling));
            self.list_anew();
        }
        Some(sibling)
    }

    /// Fills in what the description of this name left open.
    #[cfg(feature = "metrics")]
    pub(super) fn describe(&mut self, name: &str, help: &str, unit: Unit) {
        let Some(group) = self.by_name.get_mut(name) else { return };
        if let Some(described) = group.described().filled_in(help, unit) {
            group.describe(described);
            self.list_anew();
        }
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
        let name = family.descriptor().name().to_owned();
        self.by_name.insert(name, Group::new(family));
        self.list_anew();
    }

    pub(super) fn list(&self) -> &Arc<[Group]> {
        &self.list
    }

    fn list_anew(&mut self) {
        self.list = self.by_name.values().cloned().collect();
    }
}

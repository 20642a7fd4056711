//! The families of one name.

use std::sync::Arc;

#[cfg(feature = "metrics")]
use crate::family::FamilyCore;
use crate::family::{FamilyOwner, PartSource};
use crate::{Descriptor, MetricError};

/// One family, or several that differ in their label names alone: a bridge meets names that are used with changing labels.
/// They share one limit of series and one overflow series.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The first one's description, with what was said of the name since.
    described: Arc<Descriptor>,
    first: Arc<FamilyOwner>,
    siblings: Vec<Arc<FamilyOwner>>,
}

impl Group {
    pub(super) fn new(first: Arc<FamilyOwner>) -> Self {
        Self { described: Arc::clone(first.descriptor()), first, siblings: Vec::new() }
    }

    /// The family of exactly this description.
    pub(super) fn exact(&self, asked: &Descriptor) -> Result<Arc<FamilyOwner>, MetricError> {
        let same = |known: &&Arc<FamilyOwner>| known.descriptor().labels().eq(asked.labels());
        let known = self.families().find(same).unwrap_or(&self.first);
        match known.descriptor().difference(asked) {
            Some(difference) => Err(difference.conflict(asked)),
            None => Ok(Arc::clone(known)),
        }
    }

    /// The family of this description with the labels in any order; `None` where there is none with these labels. Over the
    /// limit there is always one, but it is not kept, so that label names cannot fill the memory any more than label values
    /// can.
    #[cfg(feature = "metrics")]
    pub(super) fn variant(
        &self,
        asked: &Descriptor,
    ) -> Result<Option<Arc<FamilyOwner>>, MetricError> {
        if let Some(difference) = self.first.descriptor().measured_differently(asked) {
            return Err(difference.conflict(asked));
        }
        let same = |known: &&Arc<FamilyOwner>| {
            let labels = known.descriptor().labels();
            labels.len() == asked.labels().len()
                && labels.clone().all(|label| asked.labels().any(|other| other == label))
        };
        let known = self.families().find(same).cloned();
        Ok(known.or_else(|| self.first.is_full().then(|| self.sibling(asked.clone()))))
    }

    /// One more family of the name, which is not kept here.
    #[cfg(feature = "metrics")]
    pub(super) fn sibling(&self, descriptor: Descriptor) -> Arc<FamilyOwner> {
        Arc::new(FamilyOwner::new(FamilyCore::sibling(&self.first, descriptor)))
    }

    /// Keeps one that [`Self::sibling`] made.
    #[cfg(feature = "metrics")]
    pub(super) fn keep(&mut self, sibling: Arc<FamilyOwner>) {
        self.siblings.push(sibling);
    }

    /// Says what the metric is.
    #[cfg(feature = "metrics")]
    pub(super) fn describe(&mut self, described: Descriptor) {
        self.described = Arc::new(described);
    }

    /// What the metric is, as snapshots show it.
    pub(super) fn described(&self) -> &Arc<Descriptor> {
        &self.described
    }

    pub(super) fn first(&self) -> &Arc<FamilyOwner> {
        &self.first
    }

    pub(super) fn families(&self) -> impl Iterator<Item = &Arc<FamilyOwner>> {
        std::iter::once(&self.first).chain(&self.siblings)
    }

    /// All series of the name, the overflow series last.
    pub(super) fn parts(&self) -> impl Iterator<Item = PartSource<'_>> {
        self.families().flat_map(|family| family.parts()).chain(self.first.overflow_part())
    }

    /// How many series there are, the overflow series included.
    pub(super) fn series(&self) -> usize {
        self.families().map(|family| family.series()).sum()
    }
}

#[cfg(all(test, feature = "metrics", not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::Group;
    use crate::family::{DynamicFamily, FamilyCore, FamilyOwner};
    use crate::labels::Interner;
    use crate::shared::Shared;
    use crate::{Counter, Descriptor, MetricError, SystemClock};

    fn counter(label: &str) -> Result<Descriptor, MetricError> {
        Descriptor::counter("x", "").labels([label]).build()
    }

    fn family(owner: Arc<FamilyOwner>) -> DynamicFamily<Counter> {
        DynamicFamily::new(owner)
    }

    fn group(limit: usize) -> Result<Group, MetricError> {
        let shared = Arc::new(Shared::new(true, Box::new(SystemClock)));
        let core = FamilyCore::new(counter("a")?, limit, shared, Arc::<Interner>::default(), true);
        Ok(Group::new(Arc::new(FamilyOwner::new(core))))
    }

    /// The family of this label, kept where the registry would.
    fn variant(group: &mut Group, label: &str) -> Result<DynamicFamily<Counter>, MetricError> {
        let descriptor = counter(label)?;
        if let Some(known) = group.variant(&descriptor)? {
            return Ok(family(known));
        }
        let sibling = group.sibling(descriptor);
        group.keep(Arc::clone(&sibling));
        Ok(family(sibling))
    }

    #[test]
    fn label_names_without_end_fill_no_memory() -> Result<(), MetricError> {
        let mut group = group(3)?;
        family(Arc::clone(group.first())).with(&["1"])?.inc();
        for n in 0..100 {
            variant(&mut group, &format!("b{n}"))?.with(&["1"])?.inc();
        }
        assert_eq!((group.families().count(), group.series()), (3, 4));
        assert_eq!(group.first().overflowed(), 98);
        Ok(())
    }

    #[test]
    fn a_place_that_one_family_leaves_is_there_for_another() -> Result<(), MetricError> {
        let mut group = group(2)?;
        let first = family(Arc::clone(group.first()));
        let second = variant(&mut group, "b")?;
        first.with(&["1"])?.inc();
        second.with(&["1"])?.inc();
        second.with(&["2"])?.inc();
        assert_eq!(group.first().overflowed(), 1);
        assert!(first.remove(&["1"])?);
        second.with(&["2"])?.inc();
        first.with(&["1"])?.inc();
        assert_eq!((group.first().overflowed(), group.series()), (2, 3));
        Ok(())
    }

    #[test]
    fn a_family_that_was_not_kept_never_has_a_series() -> Result<(), MetricError> {
        let mut group = group(1)?;
        let first = family(Arc::clone(group.first()));
        first.with(&["1"])?.inc();
        let unkept = variant(&mut group, "b")?;
        assert!(first.remove(&["1"])?);
        unkept.with(&["1"])?.inc();
        assert_eq!((group.families().count(), group.first().overflowed()), (1, 1));
        Ok(())
    }

    #[test]
    fn the_overflow_series_outlives_all_families_as_long_as_there_is_a_handle()
    -> Result<(), MetricError> {
        let mut group = group(1)?;
        family(Arc::clone(group.first())).with(&["1"])?.inc();
        let over = variant(&mut group, "b")?.with(&["1"])?;
        drop(group);
        over.add(2);
        assert_eq!(over.clone().value(), 2);
        Ok(())
    }
}

//! The table of families.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use super::RegistryStats;
use crate::error::Difference;
use crate::family::{Collect, FamilyInner};
use crate::labels::Interner;
use crate::metric::{Metric, sealed};
use crate::shared::Shared;
use crate::snapshot::{FamilySnapshot, PointData, SeriesData};
use crate::{CounterDesc, Descriptor, MetricError, Number, Scale, Snapshot};

/// The most refusals that are kept: a metric made in a loop must not fill the memory.
const MOST_CONFLICTS: usize = 100;

const OVERFLOW: CounterDesc<1> = CounterDesc::new(
    "telemetry_series_overflow_total",
    "Lookups of a new series that a metric's limit sent to its overflow series.",
    ["metric"],
);

/// What the clones of a registry share.
pub(crate) struct Inner {
    families: RwLock<Families>,
    conflicts: Mutex<Vec<MetricError>>,
    interner: Arc<Interner>,
    shared: Arc<Shared>,
    series_limit: usize,
    started_at: SystemTime,
}

/// The families by name, and which of them writes a sample name.
#[derive(Default)]
struct Families {
    by_name: BTreeMap<String, Arc<dyn Collect>>,
    samples: BTreeMap<String, String>,
}

impl Inner {
    pub(crate) fn new(shared: Shared, series_limit: usize) -> Self {
        let mut families = Families::default();
        families.samples.insert(OVERFLOW.name().to_owned(), OVERFLOW.name().to_owned());
        Self {
            families: RwLock::new(families),
            conflicts: Mutex::default(),
            interner: Arc::default(),
            started_at: shared.clock().wall(),
            shared: Arc::new(shared),
            series_limit,
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn interner(&self) -> &Arc<Interner> {
        &self.interner
    }

    pub(crate) fn series_limit(&self) -> usize {
        self.series_limit
    }

    /// The family of this description, made where it does not exist yet.
    pub(crate) fn family<M: Metric>(
        &self,
        descriptor: Descriptor,
    ) -> Result<Arc<FamilyInner<M>>, MetricError> {
        if let Some(known) = self
            .families
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_name
            .get(descriptor.name())
        {
            return same(known, &descriptor);
        }
        let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = families.by_name.get(descriptor.name()) {
            return same(known, &descriptor);
        }
        families.claim(&descriptor)?;
        let name = descriptor.name().to_owned();
        let interner = Arc::clone(&self.interner);
        let family = Arc::new(FamilyInner::<M>::new(
            descriptor,
            self.series_limit,
            Arc::clone(&self.shared),
            interner,
        ));
        families.by_name.insert(name, Arc::clone(&family) as Arc<dyn Collect>);
        Ok(family)
    }

    /// Keeps a refusal that the caller was not told of.
    pub(crate) fn note(&self, error: MetricError) {
        let mut conflicts = self.conflicts.lock().unwrap_or_else(PoisonError::into_inner);
        if conflicts.len() < MOST_CONFLICTS && !conflicts.contains(&error) {
            conflicts.push(error);
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let families = self.list();
        let mut snapshots: Vec<FamilySnapshot> =
            families.iter().map(|family| family.collect()).collect();
        if let Some(overflow) = self.overflow(&families) {
            let at = snapshots.partition_point(|family| family.name() < overflow.name());
            snapshots.insert(at, overflow);
        }
        Snapshot::new(snapshots, self.shared.clock().wall(), self.started_at)
    }

    pub(crate) fn stats(&self) -> RegistryStats {
        let families = self.list();
        RegistryStats {
            metrics: families.len(),
            series: families.iter().map(|family| family.series()).sum(),
            overflowed: families.iter().map(|family| family.overflowed()).sum(),
            rejected: self.shared.rejected(),
            conflicts: self.conflicts.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn list(&self) -> Vec<Arc<dyn Collect>> {
        self.families
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_name
            .values()
            .cloned()
            .collect()
    }

    /// The count of lookups that were over a limit; absent until there are any.
    fn overflow(&self, families: &[Arc<dyn Collect>]) -> Option<FamilySnapshot> {
        let over = families.iter().filter(|family| family.overflowed() > 0);
        let series: Vec<SeriesData> = over
            .map(|family| {
                let metric = self.interner.intern(family.descriptor().name());
                let point = PointData::Counter(Number::Unsigned(family.overflowed(), Scale::ONE));
                SeriesData::new(Some(Arc::from([metric])), point)
            })
            .collect();
        (!series.is_empty()).then(|| FamilySnapshot::new(Arc::new(OVERFLOW.descriptor()), series))
    }
}

impl Families {
    /// Takes the sample names that the metric will write, or says who has one of them.
    fn claim(&mut self, descriptor: &Descriptor) -> Result<(), MetricError> {
        let name = descriptor.name();
        let samples: Vec<String> = descriptor
            .kind()
            .sample_suffixes()
            .iter()
            .map(|suffix| format!("{name}{suffix}"))
            .collect();
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
}

/// The known family, where it is what was asked for.
fn same<M: Metric>(
    known: &Arc<dyn Collect>,
    asked: &Descriptor,
) -> Result<Arc<FamilyInner<M>>, MetricError> {
    let conflict =
        |difference| Err(MetricError::Conflict { metric: asked.name().to_owned(), difference });
    if let Some(difference) = known.descriptor().difference(asked) {
        return conflict(difference);
    }
    if asked.value_type() != <M as sealed::Metric>::VALUE {
        return conflict(Difference::Value);
    }
    Arc::clone(known).into_any().downcast().or_else(|_| conflict(Difference::Value))
}

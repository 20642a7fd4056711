//! What the clones of a registry share.

use std::sync::atomic::Ordering;
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
use std::time::SystemTime;

use super::RegistryStats;
use super::callbacks::Callbacks;
use super::extensions::Extensions;
use super::families::Families;
use super::group::Group;
use crate::family::{FamilyCore, FamilyOwner};
use crate::labels::Interner;
use crate::shared::Shared;
use crate::slab::domain;
use crate::snapshot::SnapshotData;
use crate::{CounterDesc, Descriptor, FamilySnapshot, MetricError, Snapshot};

/// The most refusals that are kept: a metric made in a loop must not fill the memory.
const MOST_CONFLICTS: usize = 100;

const OVERFLOW: CounterDesc<1> = CounterDesc::new(
    "telemetry_series_overflow_total",
    "Lookups of a new series that a metric's limit sent to its overflow series.",
    ["metric"],
)
// There are as many of them as there are metrics, whatever the limit of the registry.
.series_limit(usize::MAX);

/// The families, what they share, and the memory of the last snapshot.
pub(crate) struct Inner {
    families: RwLock<Families>,
    conflicts: Mutex<Vec<MetricError>>,
    callbacks: Callbacks,
    extensions: Extensions,
    interner: Arc<Interner>,
    shared: Arc<Shared>,
    series_limit: usize,
    started_at: SystemTime,
    /// Counts the lookups that were over a limit; made with the first of them.
    overflow: OnceLock<Arc<FamilyOwner>>,
    last: Mutex<Option<Last>>,
    /// The memory of the last visit.
    piece: Mutex<Option<FamilySnapshot>>,
}

/// The last snapshot, and the families it was taken of.
struct Last {
    data: Arc<SnapshotData>,
    families: Arc<[Group]>,
}

impl Inner {
    pub(crate) fn new(shared: Shared, series_limit: usize) -> Self {
        let mut families = Families::default();
        // Cannot fail: it is the first name.
        families.claim(&OVERFLOW.descriptor()).ok();
        Self {
            families: RwLock::new(families),
            conflicts: Mutex::default(),
            callbacks: Callbacks::default(),
            extensions: Extensions::default(),
            interner: Arc::default(),
            started_at: shared.clock().wall(),
            shared: Arc::new(shared),
            series_limit,
            overflow: OnceLock::new(),
            last: Mutex::default(),
            piece: Mutex::default(),
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The family of this description, made where it does not exist yet.
    pub(crate) fn family(&self, descriptor: Descriptor) -> Result<Arc<FamilyOwner>, MetricError> {
        if let Some(known) = self.read().get(&descriptor) {
            return known;
        }
        let mut families = self.write();
        if let Some(known) = families.get(&descriptor) {
            return known;
        }
        self.create(&mut families, descriptor)
    }

    /// The family of this description, its labels in any order; where the name exists with other labels, one beside it.
    #[cfg(feature = "metrics")]
    pub(crate) fn variant(&self, descriptor: Descriptor) -> Result<Arc<FamilyOwner>, MetricError> {
        if descriptor.name() == OVERFLOW.name() {
            // Once it counts, it is a family like others.
            return Err(MetricError::NameTaken {
                metric: OVERFLOW.name().to_owned(),
                sample: OVERFLOW.name().to_owned(),
                owner: OVERFLOW.name().to_owned(),
            });
        }
        if let Some(known) = self.read().variant(&descriptor)? {
            return Ok(known);
        }
        let mut families = self.write();
        if let Some(known) = families.variant(&descriptor)? {
            return Ok(known);
        }
        match families.add_variant(&descriptor) {
            Some(added) => Ok(added),
            None => self.create(&mut families, descriptor),
        }
    }

    /// Fills in what the description of this name left open.
    #[cfg(feature = "metrics")]
    pub(crate) fn describe(&self, name: &str, help: &str, unit: crate::Unit) {
        self.write().describe(name, help, unit);
    }

    /// A family that works but is not exported, and why it is not.
    pub(crate) fn refused(&self, descriptor: Descriptor, error: MetricError) -> Arc<FamilyOwner> {
        self.note(error);
        self.new_family(descriptor, false)
    }

    /// Keeps a refusal that the caller was not told of.
    pub(crate) fn note(&self, error: MetricError) {
        let mut conflicts = lock(&self.conflicts);
        if conflicts.len() < MOST_CONFLICTS && !conflicts.contains(&error) {
            conflicts.push(error);
        }
    }

    pub(crate) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    pub(crate) fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Switches recording on or off, for every handle.
    pub(crate) fn set_enabled(&self, enabled: bool) {
        // Held throughout, so that two who switch do not leave some handles on and some off.
        let families = self.write();
        self.shared.set_enabled(enabled);
        let all = families.list().iter().flat_map(Group::families);
        all.for_each(|family| family.apply_switch());
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.count_overflows();
        let families = self.list();
        // The clock is asked while nothing is locked that it may come to, were it to have metrics.
        let now = self.shared.clock().now();
        let mut totals = domain().totals();
        domain().begin(&mut totals);
        let all = families.iter().flat_map(Group::families);
        all.for_each(|family| family.tidy(&mut totals, now));
        let mut data = self.reuse(lock(&self.last).take(), &families);
        if let Some(data) = Arc::get_mut(&mut data) {
            for (group, snapshot) in families.iter().zip(&mut data.families) {
                snapshot.refill(group.described());
                for source in group.parts() {
                    source.read(&mut totals, now, snapshot.next_part());
                }
                snapshot.trim();
            }
            drop(totals);
            data.taken_at = self.shared.clock().wall();
        }
        *lock(&self.last) = Some(Last { data: Arc::clone(&data), families });
        Snapshot::new(data)
    }

    /// Shows every family, in pieces. No lock is held while one is shown.
    pub(crate) fn visit(&self, mut show: impl FnMut(&FamilySnapshot)) {
        self.count_overflows();
        domain().begin(&mut domain().totals());
        // Taken away, so that nothing is locked while a piece is shown.
        let taken = lock(&self.piece).take();
        let mut piece =
            taken.unwrap_or_else(|| FamilySnapshot::new(Arc::new(OVERFLOW.descriptor())));
        for group in &*self.list() {
            let now = self.shared.clock().now();
            group.families().for_each(|family| family.tidy(&mut domain().totals(), now));
            for source in group.parts() {
                piece.refill(group.described());
                source.read(&mut domain().totals(), now, piece.next_part());
                if !piece.is_empty() {
                    show(&piece);
                }
            }
        }
        piece.forget_labels();
        *lock(&self.piece) = Some(piece);
    }

    pub(crate) fn stats(&self) -> RegistryStats {
        let families = self.list();
        // The count of overflows is the registry's own.
        let own = self.overflow.get();
        let users =
            families.iter().filter(|group| own.is_none_or(|own| !Arc::ptr_eq(own, group.first())));
        RegistryStats {
            metrics: users.clone().count(),
            series: users.clone().map(Group::series).sum(),
            overflowed: users.map(|group| group.first().overflowed()).sum(),
            rejected: self.shared.rejected(),
            failed_callbacks: self.callbacks.failed(),
            conflicts: lock(&self.conflicts).clone(),
        }
    }

    /// The memory of the last snapshot, if nobody has it any more and it was of the same families; otherwise new memory.
    /// Nobody else has it.
    fn reuse(&self, last: Option<Last>, families: &Arc<[Group]>) -> Arc<SnapshotData> {
        let fitting = last.filter(|last| Arc::ptr_eq(&last.families, families));
        let mut data = fitting.map(|last| last.data);
        data.take_if(|data| Arc::get_mut(data).is_none());
        data.unwrap_or_else(|| {
            let families = families.iter();
            Arc::new(SnapshotData {
                families: families
                    .map(|group| FamilySnapshot::new(Arc::clone(group.described())))
                    .collect(),
                taken_at: self.started_at,
                started_at: self.started_at,
            })
        })
    }

    fn create(
        &self,
        families: &mut Families,
        descriptor: Descriptor,
    ) -> Result<Arc<FamilyOwner>, MetricError> {
        families.claim(&descriptor)?;
        let family = self.new_family(descriptor, true);
        families.insert(Arc::clone(&family));
        Ok(family)
    }

    fn new_family(&self, descriptor: Descriptor, promotes: bool) -> Arc<FamilyOwner> {
        let (shared, interner) = (Arc::clone(&self.shared), Arc::clone(&self.interner));
        let core = FamilyCore::new(descriptor, self.series_limit, shared, interner, promotes);
        Arc::new(FamilyOwner::new(core))
    }

    /// Brings the count of lookups that were over a limit up to date; there is none until there are any.
    fn count_overflows(&self) {
        let families = self.list();
        let firsts = families.iter().map(Group::first);
        let mut over = firsts.filter(|family| family.overflowed() > 0).peekable();
        if over.peek().is_none() {
            return;
        }
        let counts = self.overflow.get_or_init(|| {
            let counts = self.new_family(OVERFLOW.descriptor(), true);
            self.write().insert(Arc::clone(&counts));
            counts
        });
        for family in over {
            let series = counts.find(&[family.descriptor().name()]);
            series.cells()[0].fetch_max(family.overflowed(), Ordering::Relaxed);
        }
    }

    fn list(&self) -> Arc<[Group]> {
        Arc::clone(self.read().list())
    }

    fn read(&self) -> RwLockReadGuard<'_, Families> {
        self.families.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Families> {
        self.families.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

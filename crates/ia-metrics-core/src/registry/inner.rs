//! What the clones of a registry share.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::SystemTime;

use super::RegistryStats;
use super::families::Families;
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
);

/// The families, what they share, and the memory of the last snapshot.
pub(crate) struct Inner {
    families: RwLock<Families>,
    conflicts: Mutex<Vec<MetricError>>,
    interner: Arc<Interner>,
    shared: Arc<Shared>,
    series_limit: usize,
    started_at: SystemTime,
    /// Counts the lookups that were over a limit; made with the first of them.
    overflow: OnceLock<Arc<FamilyOwner>>,
    last: Mutex<Option<Last>>,
}

/// The last snapshot, and the families it was taken of.
struct Last {
    data: Arc<SnapshotData>,
    families: Arc<[Arc<FamilyOwner>]>,
}

impl Inner {
    pub(crate) fn new(shared: Shared, series_limit: usize) -> Self {
        let mut families = Families::default();
        // Cannot fail: it is the first name.
        families.claim(&OVERFLOW.descriptor()).ok();
        Self {
            families: RwLock::new(families),
            conflicts: Mutex::default(),
            interner: Arc::default(),
            started_at: shared.clock().wall(),
            shared: Arc::new(shared),
            series_limit,
            overflow: OnceLock::new(),
            last: Mutex::default(),
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
        let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = families.get(&descriptor) {
            return known;
        }
        families.claim(&descriptor)?;
        let family = self.new_family(descriptor, true);
        families.insert(Arc::clone(&family));
        Ok(family)
    }

    /// A family that works but is not exported, and why it is not.
    pub(crate) fn refused(&self, descriptor: Descriptor, error: MetricError) -> Arc<FamilyOwner> {
        let mut conflicts = lock(&self.conflicts);
        if conflicts.len() < MOST_CONFLICTS && !conflicts.contains(&error) {
            conflicts.push(error);
        }
        self.new_family(descriptor, false)
    }

    /// Switches recording on or off, for every handle.
    pub(crate) fn set_enabled(&self, enabled: bool) {
        // Held throughout, so that two who switch do not leave some handles on and some off.
        let families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        self.shared.set_enabled(enabled);
        families.list().iter().for_each(|family| family.apply_switch());
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.count_overflows();
        let families = self.list();
        let mut totals = domain().totals();
        domain().begin(&mut totals);
        families.iter().for_each(|family| family.tidy(&mut totals));
        let mut last = lock(&self.last);
        let mut data = self.reuse(last.take(), &families);
        for (family, snapshot) in families.iter().zip(&mut data.families) {
            snapshot.refill(family.descriptor());
            for source in family.parts() {
                source.read(&mut totals, snapshot.next_part());
            }
            snapshot.trim();
        }
        data.taken_at = self.shared.clock().wall();
        let data = Arc::new(data);
        *last = Some(Last { data: Arc::clone(&data), families });
        Snapshot::new(data)
    }

    /// Shows every family, in pieces. No lock is held while one is shown.
    pub(crate) fn visit(&self, mut show: impl FnMut(&FamilySnapshot)) {
        self.count_overflows();
        domain().begin(&mut domain().totals());
        let mut piece = FamilySnapshot::new(Arc::new(OVERFLOW.descriptor()));
        for family in &*self.list() {
            family.tidy(&mut domain().totals());
            for source in family.parts() {
                piece.refill(family.descriptor());
                source.read(&mut domain().totals(), piece.next_part());
                if !piece.is_empty() {
                    show(&piece);
                }
            }
        }
    }

    pub(crate) fn stats(&self) -> RegistryStats {
        let families = self.list();
        // The count of overflows is the registry's own.
        let own = self.overflow.get();
        let users =
            families.iter().filter(|family| own.is_none_or(|own| !Arc::ptr_eq(own, family)));
        RegistryStats {
            metrics: users.clone().count(),
            series: users.clone().map(|family| family.series()).sum(),
            overflowed: users.map(|family| family.overflowed()).sum(),
            rejected: self.shared.rejected(),
            conflicts: lock(&self.conflicts).clone(),
        }
    }

    /// The memory of the last snapshot, if nobody has it any more and it was of the same families.
    fn reuse(&self, last: Option<Last>, families: &Arc<[Arc<FamilyOwner>]>) -> SnapshotData {
        let fitting = last.filter(|last| Arc::ptr_eq(&last.families, families));
        fitting.and_then(|last| Arc::into_inner(last.data)).unwrap_or_else(|| SnapshotData {
            families: families
                .iter()
                .map(|family| FamilySnapshot::new(Arc::clone(family.descriptor())))
                .collect(),
            taken_at: self.started_at,
            started_at: self.started_at,
        })
    }

    fn new_family(&self, descriptor: Descriptor, promotes: bool) -> Arc<FamilyOwner> {
        let (shared, interner) = (Arc::clone(&self.shared), Arc::clone(&self.interner));
        let core = FamilyCore::new(descriptor, self.series_limit, shared, interner, promotes);
        Arc::new(FamilyOwner::new(core))
    }

    /// Brings the count of lookups that were over a limit up to date; there is none until there are any.
    fn count_overflows(&self) {
        let families = self.list();
        let mut over = families.iter().filter(|family| family.overflowed() > 0).peekable();
        if over.peek().is_none() {
            return;
        }
        let counts = self.overflow.get_or_init(|| {
            let counts = self.new_family(OVERFLOW.descriptor(), true);
            let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
            families.insert(Arc::clone(&counts));
            counts
        });
        for family in over {
            let series = counts.find(&[family.descriptor().name()]);
            series.cells()[0].fetch_max(family.overflowed(), Ordering::Relaxed);
        }
    }

    fn list(&self) -> Arc<[Arc<FamilyOwner>]> {
        Arc::clone(self.read().list())
    }

    fn read(&self) -> RwLockReadGuard<'_, Families> {
        self.families.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What all registries of the process share.

use std::sync::{LazyLock, PoisonError};

use super::pool::Pool;
use super::slots::{Class, Slots};
use super::{Slab, Totals, grace};
use crate::sync::{Mutex, MutexGuard, unless_locked};

/// The slabs, the slots in them, and the sums over them.
///
/// Locks are taken in this order: totals, a family's state, slots, the pool.
pub(crate) struct Domain {
    pool: Pool,
    slots: Mutex<Slots>,
    totals: Mutex<Totals>,
}

/// The domain of the process.
pub(crate) fn domain() -> &'static Domain {
    static DOMAIN: LazyLock<Domain> = LazyLock::new(Domain::new);
    &DOMAIN
}

impl Domain {
    pub(super) fn new() -> Self {
        Self {
            pool: Pool::new(),
            slots: Mutex::new(Slots::default()),
            totals: Mutex::new(Totals::default()),
        }
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The sums, as of the reading that began last. Whoever removes series or reads many holds this.
    pub(crate) fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a reading of the sums.
    pub(crate) fn begin(&self, totals: &mut Totals) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        self.pool.read(|slabs| totals.begin(slabs, slots.classes()));
    }

    /// Slots for a series; `None` when there are none left, or when somebody has the lock: it may be this thread, which
    /// allocates while it has it.
    pub(crate) fn take_slots(&self, class: Class, width: usize) -> Option<u32> {
        unless_locked(self.slots.try_lock())?.take(class, width)
    }

    /// Gives slots back that no handle refers to and that no handle can be made for.
    pub(crate) fn give_back(&self, totals: &mut Totals, class: Class, width: usize, slot: u32) {
        self.pool.read(|slabs| totals.clear(slot, width, slabs));
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).give_back(class, width, slot);
    }

    /// Waits until nobody can still find what was unlinked before.
    pub(crate) fn synchronize(&self) {
        self.pool.read(|slabs| grace::synchronize(slabs.iter().copied()));
    }

    /// How many handles the slabs have seen come into being.
    pub(crate) fn births(&self, slot: Option<u32>) -> u32 {
        let Some(slot) = slot else { return 0 };
        self.pool
            .read(|slabs| slabs.iter().map(|slab| slab.births(slot)).fold(0, u32::wrapping_add))
    }

    /// How many handles the slabs have seen dropped.
    pub(crate) fn deaths(&self, slot: Option<u32>) -> u32 {
        let Some(slot) = slot else { return 0 };
        self.pool
            .read(|slabs| slabs.iter().map(|slab| slab.deaths(slot)).fold(0, u32::wrapping_add))
    }

    /// A cell's total as it is now, for one look at one cell.
    pub(crate) fn total(&self, slot: u32) -> u64 {
        self.pool.read(|slabs| slabs.iter().map(|slab| slab.get(slot)).fold(0, u64::wrapping_add))
    }

    /// Whether no handle is left, of those that some shared count and the slabs have counted. Only for slots for which no
    /// new handle can be made but from one that is there.
    ///
    /// Deaths are read before births: a handle that is still there was born before it can have died anywhere, so if the
    /// births that are seen last are not more than the deaths that were seen first, there is none.
    pub(crate) fn unreferenced(&self, slot: Option<u32>, shared: impl FnOnce() -> u32) -> bool {
        self.pool.read(|slabs| {
            let sum = |count: fn(&Slab, u32) -> u32| {
                let all =
                    slot.iter().flat_map(|slot| slabs.iter().map(move |slab| count(slab, *slot)));
                all.fold(0_u32, u32::wrapping_add)
            };
            let deaths = sum(Slab::deaths);
            let shared = shared();
            let births = sum(Slab::births);
            shared.wrapping_add(births) == deaths
        })
    }
}

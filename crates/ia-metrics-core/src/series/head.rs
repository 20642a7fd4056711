//! What a handle looks at before it counts.

use crate::slab::{Domain, Slab};
use crate::sync::{AtomicU32, Ordering};

/// Set while recording takes the slow way: the registry is off, the metric keeps exemplars, or there is no slot yet.
const SLOW: u32 = 1 << 31;
/// Set while there is no slot: then the low bits count what was recorded.
const COLD: u32 = 1 << 30;
/// Set while the registry is off.
const OFF: u32 = 1 << 29;
const LOW: u32 = OFF - 1;

/// The state of one series: its slot, and the handles that were counted here rather than in a slab.
///
/// The first word is the slot where recording may go straight to the thread's slab, so that the hot path asks one
/// question: is it greater than zero, as a signed number?
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Head {
    word: AtomicU32,
    /// Handles born less handles dropped, of those that no slab counted. Wraps.
    handles: AtomicU32,
}

impl Head {
    pub(crate) fn cold() -> Self {
        Self { word: AtomicU32::new(SLOW | COLD), handles: AtomicU32::new(0) }
    }

    /// The slot, where recording may go straight to the slab.
    #[inline]
    pub(crate) fn hot_slot(&self) -> Option<u32> {
        let word = self.word.load(Ordering::Acquire);
        (word & SLOW == 0).then_some(word)
    }

    /// Whether recording is off. It may be though this says no: whoever takes the slow way finds out.
    #[inline]
    pub(crate) fn is_off(&self) -> bool {
        self.word.load(Ordering::Relaxed) & OFF != 0
    }

    /// The slot, however recording goes.
    #[inline]
    pub(crate) fn slot(&self) -> Option<u32> {
        let word = self.word.load(Ordering::Acquire);
        (word & COLD == 0).then_some(word & LOW)
    }

    /// Counts a record without a slot, and says how many there were before.
    pub(crate) fn warm(&self) -> u32 {
        let word = self.word.load(Ordering::Relaxed);
        if word & COLD == 0 || word & LOW == LOW {
            return word & LOW;
        }
        // Not an addition: a slot may have taken the place of the count. One lost is as good as none.
        self.word.compare_exchange(word, word + 1, Ordering::Relaxed, Ordering::Relaxed).ok();
        word & LOW
    }

    /// How many records were counted without a slot; zero once there is one.
    pub(crate) fn records(&self) -> u32 {
        let word = self.word.load(Ordering::Relaxed);
        if word & COLD == 0 { 0 } else { word & LOW }
    }

    /// Handles born less handles dropped, of those that no slab counted.
    pub(crate) fn handles(&self) -> u32 {
        self.handles.load(Ordering::Relaxed)
    }

    /// Gives the series its slot, whose cells are zero. Under the lock of the family.
    ///
    /// With `exemplars`, recording takes the slow way all the same.
    pub(crate) fn promote(&self, slot: u32, off: bool, exemplars: bool) {
        let word = slot | way(off, exemplars);
        #[cfg(not(loom))]
        self.word.store(word, Ordering::Release);
        // An exchange, as loom thinks that a store can come between the two halves of that in `warm`: see `slab::models`.
        #[cfg(loom)]
        self.word.swap(word, Ordering::Release);
    }

    /// Switches recording off or on, `exemplars` as in [`Self::promote`]. Under the lock of the family.
    pub(crate) fn set_off(&self, off: bool, exemplars: bool) {
        let switch = |word: u32| {
            let kept = if word & COLD == 0 { LOW } else { SLOW | COLD | LOW };
            Some(word & kept | way(off, exemplars))
        };
        // Without a slot, its records may be counted meanwhile.
        self.word.fetch_update(Ordering::Release, Ordering::Relaxed, switch).ok();
    }

    /// Forgets the slot. For a series that nobody can reach.
    pub(crate) fn reset(&self) -> Option<u32> {
        let slot = self.slot();
        self.word.store(SLOW | COLD, Ordering::Release);
        self.handles.store(0, Ordering::Relaxed);
        slot
    }

    /// Counts a new handle.
    #[inline]
    pub(crate) fn birth(&self, slab: Option<&Slab>) {
        match (self.hot_slot(), slab) {
            (Some(slot), Some(slab)) => slab.birth(slot),
            _ => self.birth_slowly(slab),
        }
    }

    /// Counts a dropped handle. The series must not be touched through it after that.
    #[inline]
    pub(crate) fn death(&self, slab: Option<&Slab>) {
        match (self.hot_slot(), slab) {
            (Some(slot), Some(slab)) => slab.death(slot),
            _ => self.death_slowly(slab),
        }
    }

    #[cold]
    fn birth_slowly(&self, slab: Option<&Slab>) {
        match (self.slot(), slab) {
            (Some(slot), Some(slab)) => slab.birth(slot),
            _ => {
                self.handles.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[cold]
    fn death_slowly(&self, slab: Option<&Slab>) {
        match (self.slot(), slab) {
            (Some(slot), Some(slab)) => slab.death(slot),
            _ => {
                self.handles.fetch_sub(1, Ordering::Release);
            }
        }
    }

    /// Whether no handle is left. Only for a series that cannot be found any more.
    ///
    /// A handle may give the series its slot meanwhile. Then the handles that were born since are counted where nobody has
    /// looked; but one of those that were counted here has seen the slot when it was dropped, so now it is seen as well.
    pub(crate) fn unreferenced(&self, domain: &Domain) -> bool {
        let slot = self.slot();
        domain.unreferenced(slot, || self.handles.load(Ordering::Acquire)) && self.slot() == slot
    }
}

/// The bits that say how recording goes once there is a slot.
fn way(off: bool, exemplars: bool) -> u32 {
    match (off, exemplars) {
        (true, _) => SLOW | OFF,
        (false, true) => SLOW,
        (false, false) => 0,
    }
}

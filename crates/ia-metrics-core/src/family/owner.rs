//! When a metric is freed: when neither the registry nor a family nor a handle has it.

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use super::FamilyCore;

/// Metrics whose registry and families are gone, but to which there were handles when last looked at.
static ORPHANS: Mutex<Vec<Orphan>> = Mutex::new(Vec::new());

/// What the registry and the families share. Handles keep a metric too, though they do not own it.
#[derive(Debug)]
pub(crate) struct FamilyOwner {
    core: NonNull<FamilyCore>,
}

#[expect(unsafe_code, reason = "handles refer to the metric without owning it")]
// SAFETY: a metric is made to be shared between threads.
unsafe impl Send for FamilyOwner {}
#[expect(unsafe_code, reason = "handles refer to the metric without owning it")]
// SAFETY: as above.
unsafe impl Sync for FamilyOwner {}

impl FamilyOwner {
    pub(crate) fn new(core: FamilyCore) -> Self {
        Self { core: NonNull::from(Box::leak(Box::new(core))) }
    }
}

impl Deref for FamilyOwner {
    type Target = FamilyCore;

    #[inline]
    #[expect(unsafe_code, reason = "handles refer to the metric without owning it")]
    fn deref(&self) -> &FamilyCore {
        // SAFETY: it was leaked by `new`, and is freed after the owner was dropped only.
        unsafe { self.core.as_ref() }
    }
}

impl Drop for FamilyOwner {
    fn drop(&mut self) {
        let mut orphans = ORPHANS.lock().unwrap_or_else(PoisonError::into_inner);
        orphans.push(Orphan(self.core));
        let free: Vec<Orphan> = orphans.extract_if(.., |orphan| orphan.unreferenced()).collect();
        // A metric may own another one: it must not be dropped under the lock.
        drop(orphans);
        free.into_iter().for_each(Orphan::free);
    }
}

/// A metric without an owner.
struct Orphan(NonNull<FamilyCore>);

#[expect(unsafe_code, reason = "handles refer to the metric without owning it")]
// SAFETY: a metric is made to be shared between threads.
unsafe impl Send for Orphan {}

#[expect(unsafe_code, reason = "handles refer to the metric without owning it")]
impl Orphan {
    /// Whether no handle is left.
    fn unreferenced(&self) -> bool {
        // SAFETY: it was leaked by `FamilyOwner::new`, and is freed by `free` only.
        unsafe { self.0.as_ref() }.unreferenced()
    }

    /// Frees the metric, once no handle is left.
    fn free(self) {
        // SAFETY: the owner is gone and no handle refers to it, and new handles are made of owners and handles only; there is
        // one orphan of each metric, and this was it.
        let core = unsafe { Box::from_raw(self.0.as_ptr()) };
        core.dissolve();
    }
}

//! The inside of a handle.

use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use super::{Chunk, Head};
use crate::family::FamilyCore;
use crate::slab::{self, Slab};

/// One counted reference to a series. While there is one, the series' place is not used again, and its metric is not freed.
pub(crate) struct SeriesRef {
    head: NonNull<Head>,
    family: NonNull<FamilyCore>,
}

/// Where a record goes that cannot go straight to the thread's slab.
pub(crate) enum Route<'a> {
    /// Nowhere: the registry is off.
    Off,
    /// Into the slab after all: it is the thread's first record, or the metric keeps exemplars.
    Slab(&'static Slab, u32),
    /// Into the shared cells.
    Shared(&'a [AtomicU64]),
}

#[expect(unsafe_code, reason = "handles refer to their series without a lock-prefixed count")]
// SAFETY: heads, cells and families are made to be shared between threads; the count of references says where it is kept.
unsafe impl Send for SeriesRef {}
#[expect(unsafe_code, reason = "handles refer to their series without a lock-prefixed count")]
// SAFETY: as above.
unsafe impl Sync for SeriesRef {}

#[expect(unsafe_code, reason = "handles refer to their series without a lock-prefixed count")]
impl SeriesRef {
    /// A reference whose birth was counted already.
    ///
    /// # Safety
    ///
    /// [`Head::birth`] was called for it, under the lock of the family or in a read section in which the head was found.
    #[inline]
    pub(crate) unsafe fn counted(head: NonNull<Head>, family: &FamilyCore) -> Self {
        Self { head, family: NonNull::from(family) }
    }

    /// The slot, where recording may go straight to the thread's slab.
    ///
    /// Slot and slab are asked for one after the other, and what is done without one is written twice: together they would be
    /// one condition, which takes longer to make than two to pass.
    #[inline]
    pub(crate) fn slot(&self) -> Option<u32> {
        self.head().hot_slot()
    }

    /// Whether there is nothing to record, where [`Self::slot`] knows none.
    #[inline]
    pub(crate) fn is_off(&self) -> bool {
        self.head().is_off()
    }

    /// Where a record goes otherwise.
    #[cold]
    pub(crate) fn route(&self) -> Route<'_> {
        if self.family().is_enabled() { self.route_even_if_off() } else { Route::Off }
    }

    /// As [`Self::route`], for what must be recorded though the registry is off.
    #[cold]
    pub(crate) fn route_even_if_off(&self) -> Route<'_> {
        self.family().warm(self.head());
        match (self.head().slot(), slab::attach()) {
            (Some(slot), Some(slab)) => Route::Slab(slab, slot),
            _ => Route::Shared(self.cells()),
        }
    }

    #[inline]
    pub(crate) fn head(&self) -> &Head {
        // SAFETY: a counted reference keeps the series.
        unsafe { self.head.as_ref() }
    }

    #[inline]
    pub(crate) fn family(&self) -> &FamilyCore {
        // SAFETY: a counted reference keeps the metric.
        unsafe { self.family.as_ref() }
    }

    /// The shared cells.
    #[inline]
    pub(crate) fn cells(&self) -> &[AtomicU64] {
        // SAFETY: the head is of a chunk of this family, and is kept by the reference.
        unsafe { Chunk::cells_of(self.head, self.family().layout().shared_cells()) }
    }
}

impl Clone for SeriesRef {
    #[inline]
    fn clone(&self) -> Self {
        self.head().birth(slab::current());
        Self { head: self.head, family: self.family }
    }
}

impl Drop for SeriesRef {
    #[inline]
    fn drop(&mut self) {
        self.head().death(slab::current());
    }
}

impl fmt::Debug for SeriesRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family().descriptor().name())
    }
}

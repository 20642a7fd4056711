//! What one thread did for one account.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::strata::CpuCell;

/// How many bytes an account may grow on a thread before its peak is looked at again.
pub(super) const PEAK_STEP: i64 = 64 << 10;

/// What one thread did for one account. Only that thread writes, so that no addition needs a locked instruction; the totals
/// only grow, so that readers can add up all threads at any time.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Cell {
    pub(super) cpu: CpuCell,
    pub(super) memory: MemoryCell,
}

#[derive(Debug, Default)]
pub(super) struct MemoryCell {
    pub(super) allocated: AtomicU64,
    pub(super) allocations: AtomicU64,
    pub(super) freed: AtomicU64,
    /// The growth of this thread past which the account's peak has to be looked at.
    mark: AtomicI64,
}

impl MemoryCell {
    /// Counts a block; whether the account's peak has to be looked at.
    #[inline]
    pub(super) fn allocated(&self, bytes: usize) -> bool {
        add(&self.allocations, 1);
        let allocated = add(&self.allocated, bytes as u64);
        self.growth(allocated, self.freed.load(Ordering::Relaxed))
            > self.mark.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn freed(&self, bytes: usize) {
        let freed = add(&self.freed, bytes as u64);
        let mark =
            self.growth(self.allocated.load(Ordering::Relaxed), freed).saturating_add(PEAK_STEP);
        // What grows again from here may be a new peak, as other threads may have grown meanwhile.
        if mark < self.mark.load(Ordering::Relaxed) {
            self.mark.store(mark, Ordering::Relaxed);
        }
    }

    /// The peak has been looked at.
    pub(super) fn looked_at(&self) {
        let allocated = self.allocated.load(Ordering::Relaxed);
        let growth = self.growth(allocated, self.freed.load(Ordering::Relaxed));
        self.mark.store(growth.saturating_add(PEAK_STEP), Ordering::Relaxed);
    }

    /// Below zero where this thread freed what others allocated.
    #[expect(clippy::unused_self, reason = "it is about the cell")]
    fn growth(&self, allocated: u64, freed: u64) -> i64 {
        allocated.wrapping_sub(freed).cast_signed()
    }
}

/// Adds to a total that only this thread writes; the total.
#[inline]
pub(super) fn add(total: &AtomicU64, amount: u64) -> u64 {
    let sum = total.load(Ordering::Relaxed).wrapping_add(amount);
    // A reader who sees that a block was freed must see that it was allocated, on whatever thread that was.
    total.store(sum, Ordering::Release);
    sum
}

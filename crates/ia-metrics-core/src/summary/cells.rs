//! What one thread counts for one summary.

use super::buckets::{self, BUCKETS};
use crate::slab::{PAGE, Slab};
use crate::sync::{Ordering, fence};

/// A window moves on in this many steps.
pub(super) const STEPS: u64 = 5;
/// The steps of which something is kept: one more than make a window, as the oldest is only partly in it.
pub(super) const KEPT: u64 = STEPS + 1;

/// The cells: the sum of all values, the extremes of the latest steps, and a count for each bucket.
const SUM: u32 = 0;
const EXTREMES: u32 = 1;
#[expect(clippy::cast_possible_truncation, reason = "there are six")]
const COUNTS: u32 = EXTREMES + 3 * KEPT as u32;

/// The cells of a series in a slab.
pub(crate) const CELLS: usize = COUNTS as usize + BUCKETS;

/// The run of cells of one summary in the slab of one thread.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    slab: &'a Slab,
    slot: u32,
}

/// The smallest and the largest of some values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extremes {
    pub(crate) smallest: u64,
    pub(crate) largest: u64,
}

impl Extremes {
    pub(super) fn of(value: u64) -> Self {
        Self { smallest: value, largest: value }
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self {
            smallest: self.smallest.min(other.smallest),
            largest: self.largest.max(other.largest),
        }
    }
}

impl<'a> Run<'a> {
    #[inline]
    pub(crate) fn new(slab: &'a Slab, slot: u32) -> Self {
        Self { slab, slot }
    }

    /// Counts a value. Only the owner of the slab does.
    #[inline]
    pub(super) fn record(&self, step: u64, value: u64, sum: impl FnOnce(u64) -> u64) {
        self.slab.set(self.slot + SUM, sum(self.slab.get(self.slot + SUM)));
        self.record_extremes(step, value);
        self.slab.add(self.slot + COUNTS + index(buckets::bucket(value)), 1);
    }

    #[inline]
    pub(crate) fn record_extremes(&self, step: u64, value: u64) {
        let [tag, smallest, largest] = self.extremes_cells(step);
        if self.slab.get(tag) != step + 1 {
            // No step, so that nobody takes the extremes of another one for those of this one. Who sees one of the new ones
            // sees that, by the first fence; who sees the step sees both of them, by the second one.
            self.slab.set(tag, 0);
            fence(Ordering::Release);
            self.slab.set(smallest, value);
            self.slab.set(largest, value);
            fence(Ordering::Release);
            self.slab.set(tag, step + 1);
        } else if value < self.slab.get(smallest) {
            self.slab.set(smallest, value);
        } else if value > self.slab.get(largest) {
            self.slab.set(largest, value);
        }
    }

    pub(super) fn sum(&self) -> u64 {
        self.slab.get(self.slot + SUM)
    }

    /// The extremes of a step, if a value was recorded in it.
    pub(crate) fn extremes(&self, step: u64) -> Option<Extremes> {
        let [tag, smallest, largest] = self.extremes_cells(step);
        let before = self.slab.get(tag);
        fence(Ordering::Acquire);
        let extremes =
            Extremes { smallest: self.slab.get(smallest), largest: self.slab.get(largest) };
        fence(Ordering::Acquire);
        (before == step + 1 && self.slab.get(tag) == before).then_some(extremes)
    }

    /// Adds the counts to those of other threads, leaving out pages that were never written.
    pub(super) fn add_counts(&self, counts: &mut [u64]) {
        let first = (self.slot + COUNTS) as usize;
        let mut at = 0;
        while at < counts.len() {
            let page = (first + at) / PAGE;
            let end = ((page + 1) * PAGE - first).min(counts.len());
            if self.slab.is_touched(page) {
                for (bucket, count) in counts[at..end].iter_mut().enumerate() {
                    *count += self.slab.get(self.slot + COUNTS + index(at + bucket));
                }
            }
            at = end;
        }
    }

    #[inline]
    fn extremes_cells(&self, step: u64) -> [u32; 3] {
        let first = self.slot + EXTREMES + 3 * index((step % KEPT) as usize);
        [first, first + 1, first + 2]
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a run has fewer than 4,000 cells")]
fn index(at: usize) -> u32 {
    at as u32
}

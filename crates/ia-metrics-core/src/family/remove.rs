//! Series that are no more, and what becomes of their places.

use std::sync::atomic::Ordering;

use super::FamilyCore;
use super::create::State;
use crate::labels;
use crate::series::Chunk;
use crate::slab::{Totals, domain};

impl FamilyCore {
    /// Removes a series; `false` when there is none of these values. Handles that are still there go on counting, and
    /// nobody reads what they count.
    pub(crate) fn remove(&self, values: &[&str]) -> bool {
        let clipped: Vec<_> = values.iter().map(|value| labels::clip(value)).collect();
        let values: Vec<&str> = clipped.iter().map(AsRef::as_ref).collect();
        let mut totals = domain().totals();
        let mut state = self.lock();
        let hash = self.hash(values.iter().copied());
        let has = |series| {
            self.chunks.find(series).is_some_and(|(chunk, at)| chunk.rows().has(at, &values))
        };
        let Some(row) = self.table().find(hash, has) else { return false };
        self.unlink(&[row]);
        self.bury(&mut state, &[row]);
        self.reclaim(&mut totals, &mut state);
        true
    }

    /// Removes every series.
    pub(crate) fn clear(&self) {
        let mut totals = domain().totals();
        let mut state = self.lock();
        let rows: Vec<usize> = self.rows().collect();
        self.unlink(&rows);
        self.bury(&mut state, &rows);
        self.reclaim(&mut totals, &mut state);
    }

    /// The rows that are series.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.chunks.iter().flat_map(|(first, chunk)| {
            let rows = chunk.rows();
            (0..chunk.capacity()).filter(|at| rows.is_used(*at)).map(move |at| first + at)
        })
    }

    /// Makes rows unfindable. When this returns, no new handle to them can be made but from one that is there.
    pub(super) fn unlink(&self, rows: &[usize]) {
        for (row, hash) in rows.iter().filter_map(|row| Some((*row, self.hash_of(*row)?))) {
            self.table().remove(hash, row);
        }
        self.restamp();
        domain().synchronize();
    }

    /// Makes unlinked rows findable again.
    pub(super) fn relink(&self, rows: &[usize]) {
        for (row, hash) in rows.iter().filter_map(|row| Some((*row, self.hash_of(*row)?))) {
            // A larger table has all of them already: twice in it, a series could not be removed.
            if self.index(hash, row) {
                return;
            }
        }
    }

    /// Takes the labels of unlinked rows away. While the totals are held.
    pub(super) fn bury(&self, state: &mut State, rows: &[usize]) {
        let mut sorted = rows.to_vec();
        sorted.sort_unstable();
        for (first, chunk) in self.chunks.iter() {
            let start = sorted.partition_point(|row| *row < first);
            let end = sorted.partition_point(|row| *row < first + chunk.capacity());
            let removed = &sorted[start..end];
            if !removed.is_empty() {
                Self::replace_rows(chunk, |at| removed.binary_search(&(first + at)).is_ok());
            }
        }
        for row in rows {
            if let Some(idle) = state.idle.get_mut(*row) {
                idle.forget();
            }
        }
        self.alive.fetch_sub(rows.len(), Ordering::Relaxed);
        self.leave_places(rows.len());
        state.removed.extend(rows);
    }

    /// Makes the places of removed series to which no handle is left as good as new.
    pub(super) fn reclaim(&self, totals: &mut Totals, state: &mut State) {
        let State { free, removed, .. } = state;
        removed.retain(|row| {
            let Some((chunk, at)) = self.chunks.find(*row) else { return false };
            let left = !chunk.head(at).unreferenced(domain());
            if !left {
                self.reset(totals, chunk, at);
                free.push(*row);
            }
            left
        });
        self.reusable.store(free.len(), Ordering::Relaxed);
    }

    /// Whether nobody has a handle to any series of this metric.
    pub(super) fn unreferenced(&self) -> bool {
        self.every_head(|chunk, at| chunk.head(at).unreferenced(domain()))
    }

    /// Gives all slots back. For a metric that nobody has any more.
    pub(super) fn dissolve(&self) {
        let mut totals = domain().totals();
        self.every_head(|chunk, at| {
            self.reset(&mut totals, chunk, at);
            true
        });
    }

    fn every_head(&self, mut holds: impl FnMut(&Chunk, usize) -> bool) -> bool {
        let chunks = self.chunks.iter().map(|(_, chunk)| chunk).chain(self.overflow.get());
        chunks.into_iter().all(|chunk| (0..chunk.capacity()).all(|at| holds(chunk, at)))
    }

    fn reset(&self, totals: &mut Totals, chunk: &Chunk, at: usize) {
        let head = chunk.head(at);
        self.windows.forget(head);
        if let Some(exemplars) = &self.exemplars {
            exemplars.forget(head);
        }
        if let Some(slot) = head.reset() {
            domain().give_back(totals, self.layout.class(), self.layout.slots(), slot);
        }
        for cell in chunk.cells(at) {
            cell.store(0, Ordering::Relaxed);
        }
    }

    /// New rows in place of those that snapshots may have.
    pub(super) fn replace_rows(chunk: &Chunk, removed: impl Fn(usize) -> bool) {
        let old = chunk.replace_rows(chunk.rows().without(removed));
        // A reader without a lock may still be looking at them.
        domain().synchronize();
        drop(old);
    }

    fn hash_of(&self, row: usize) -> Option<u64> {
        let (chunk, at) = self.chunks.find(row)?;
        Some(self.hash(chunk.rows().labels(at).map(|label| label.value())))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::FamilyCore;
    use crate::shared::Shared;
    use crate::{CounterDesc, SystemClock};

    const JOBS: CounterDesc<1> = CounterDesc::new("jobs_total", "Jobs.", ["id"]);

    #[test]
    fn what_became_findable_again_can_be_made_unfindable_again() {
        for count in 1..100 {
            let shared = Arc::new(Shared::new(true, Box::new(SystemClock)));
            let family = FamilyCore::new(JOBS.descriptor(), 1_000, shared, Arc::default(), true);
            let rows: Vec<usize> = (0..count).collect();
            rows.iter().for_each(|row| drop(family.find(&[&row.to_string()])));
            for _ in 0..20 {
                let state = family.lock();
                family.unlink(&rows);
                family.relink(&rows);
                drop(state);
                let is_found = |row: usize| {
                    let hash = family.hash_of(row).unwrap();
                    family.table().find(hash, |found| found == row).is_some()
                };
                assert!(rows.iter().all(|row| is_found(*row)));
                // One after the other, as `unlink` gets them: what is twice in the table is found still.
                let state = family.lock();
                family.unlink(&rows);
                assert!(!rows.iter().any(|row| is_found(*row)), "of {count}");
                family.relink(&rows);
                drop(state);
            }
        }
    }
}

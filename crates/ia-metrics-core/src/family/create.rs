//! New series, and their slots.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::FamilyCore;
use super::idle::Idle;
use crate::series::{Chunk, Head, MOST, Rows, SeriesRef, Table};
use crate::slab::{self, domain};
use crate::sync::unless_locked;

/// How often a series is recorded in shared cells before it gets a slot: what is rarely counted must not cost memory in
/// every thread.
const COLD_RECORDS: u32 = 8;

/// What only one thread at a time may change.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Rows that can be used again.
    pub(super) free: Vec<usize>,
    /// Rows that were removed, to which there may still be handles.
    pub(super) removed: Vec<usize>,
    /// What was last seen of each series, where idle ones are evicted.
    pub(super) idle: Vec<Idle>,
}

impl FamilyCore {
    /// A series that was not found when so many had become findable, or the overflow series.
    pub(super) fn create(&self, hash: u64, values: &[&str], seen: u64) -> SeriesRef {
        // A row that is used again is replaced for those who have a snapshot: nobody must be taking one meanwhile.
        let totals = (self.reusable.load(Ordering::Relaxed) > 0).then(|| domain().totals());
        let mut state = self.lock();
        if self.indexed.load(Ordering::Relaxed) != seen
            && let Some(series) = self.find_in_table(hash, values, slab::current())
        {
            return series;
        }
        if !self.take_place() {
            drop(state);
            return self.overflow();
        }
        let reused = if totals.is_some() { state.free.pop() } else { None };
        let row = reused.unwrap_or_else(|| self.len.load(Ordering::Relaxed));
        // Rows of removed series that have handles still do not count for the limit, but a table cannot tell more apart.
        let filled = (row < MOST).then(|| self.fill(row, reused.is_some(), values)).flatten();
        let Some(series) = filled else {
            if let Some(row) = reused {
                state.free.push(row);
            }
            self.leave_places(1);
            drop(state);
            return self.overflow();
        };
        if reused.is_some() {
            self.reusable.store(state.free.len(), Ordering::Relaxed);
        } else {
            self.len.store(row + 1, Ordering::Release);
        }
        // After the number of rows, for `has_holes`.
        self.alive.fetch_add(1, Ordering::Release);
        self.index(hash, row);
        series
    }

    /// The series that takes what is over the limit: the eldest family's.
    pub(super) fn overflow(&self) -> SeriesRef {
        let eldest = self.eldest();
        eldest.overflowed.fetch_add(1, Ordering::Relaxed);
        let chunk = eldest.overflow.get_or_init(|| eldest.new_chunk(1, 0));
        eldest.refer(chunk.head(0), slab::current())
    }

    /// Counts a record of a series without a slot, and gives it one when it is recorded often.
    pub(crate) fn warm(&self, head: &Head) {
        if head.slot().is_some() || !self.promotes {
            return;
        }
        if head.warm() + 1 >= self.layout.cold_records(COLD_RECORDS) {
            self.promote(head);
        }
    }

    /// Gives a series a slot, if there is one left and nobody has the lock: this thread may have it, and be asking the
    /// clock or the allocator, which records. The next record tries again.
    #[cold]
    fn promote(&self, head: &Head) {
        let Some(_state) = unless_locked(self.state.try_lock()) else { return };
        if head.slot().is_some() {
            return;
        }
        if let Some(slot) = domain().take_slots(self.layout.class(), self.layout.slots()) {
            head.promote(slot, !self.is_enabled(), self.exemplars.is_some());
        }
    }

    /// Makes what the switch says reach every handle.
    pub(crate) fn apply_switch(&self) {
        let _state = self.lock();
        let (off, exemplars) = (!self.is_enabled(), self.exemplars.is_some());
        for (_, chunk) in self.chunks.iter() {
            for at in 0..chunk.capacity() {
                chunk.head(at).set_off(off, exemplars);
            }
        }
        if let Some(overflow) = self.overflow.get() {
            overflow.head(0).set_off(off, exemplars);
        }
    }

    /// Writes the labels of a new series into a row that nobody has.
    fn fill(&self, row: usize, reused: bool, values: &[&str]) -> Option<SeriesRef> {
        let labels = self.descriptor.labels().len();
        let (chunk, at) =
            self.chunks.find_or_add(row, |capacity| self.new_chunk(capacity, labels))?;
        if reused && Arc::strong_count(&chunk.share_rows()) > 2 {
            Self::replace_rows(chunk, |_| false);
        }
        chunk.rows().fill(at, self.descriptor.labels().zip(values.iter().copied()))?;
        if !self.is_enabled() {
            chunk.head(at).set_off(true, self.exemplars.is_some());
        }
        Some(self.refer(chunk.head(at), slab::current()))
    }

    fn new_chunk(&self, capacity: usize, labels: usize) -> Chunk {
        let rows = Rows::new(capacity, labels, Arc::clone(&self.interner));
        Chunk::new(capacity, self.layout.shared_cells(), rows)
    }

    /// Makes a row findable; `true` when it took a larger table, in which every row that has labels is.
    pub(super) fn index(&self, hash: u64, row: usize) -> bool {
        if self.table().insert(hash, row) {
            // After it: who looks when this says so finds it.
            self.indexed.fetch_add(1, Ordering::Release);
            return false;
        }
        let larger = Table::with_room_for(self.alive.load(Ordering::Relaxed));
        for (first, chunk) in self.chunks.iter() {
            let rows = chunk.rows();
            for at in (0..chunk.capacity()).filter(|at| rows.is_used(*at)) {
                let hash = self.hash(rows.labels(at).map(|label| label.value()));
                larger.insert(hash, first + at);
            }
        }
        self.replace_table(larger);
        self.indexed.fetch_add(1, Ordering::Release);
        true
    }

    #[expect(unsafe_code, reason = "the table is read without a lock")]
    fn replace_table(&self, table: Table) {
        let old = self.table.swap(Box::into_raw(Box::new(table)), Ordering::AcqRel);
        domain().synchronize();
        // SAFETY: it came from `Box::into_raw`, and since the grace period nobody can have it.
        drop(unsafe { Box::from_raw(old) });
    }
}

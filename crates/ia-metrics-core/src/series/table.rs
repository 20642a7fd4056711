//! Finding a series by the hash of its labels, without a lock.

use std::sync::atomic::{AtomicU32, Ordering};

/// Bits of an entry that say which series it is; the rest are bits of the hash, so that few others are looked at.
const SERIES_BITS: u32 = 22;
const SERIES: u32 = (1 << SERIES_BITS) - 1;

/// An entry whose series was removed: the search goes on behind it.
const REMOVED: u32 = SERIES;

/// The most series a table can tell apart.
pub(crate) const MOST: usize = SERIES as usize - 1;

/// An open-addressed table of series numbers. It is read while one writer, who holds a lock, adds and removes; a larger one
/// takes its place when it is full.
#[derive(Debug)]
pub(crate) struct Table {
    /// Zero is free; otherwise some bits of the hash and the number of the series plus one.
    entries: Box<[AtomicU32]>,
    /// How many entries are not free. Only the writer looks at it.
    taken: AtomicU32,
}

impl Table {
    /// A table with room for `series`, and as many again before it is full.
    pub(crate) fn with_room_for(series: usize) -> Self {
        let capacity = (series * 4 / 3).max(8).next_power_of_two();
        Self {
            entries: (0..capacity).map(|_| AtomicU32::new(0)).collect(),
            taken: AtomicU32::new(0),
        }
    }

    /// The first series of this hash for which `same` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, same: impl Fn(usize) -> bool) -> Option<usize> {
        let tag = tag(hash);
        for at in self.probe(hash) {
            let entry = self.entries[at].load(Ordering::Acquire);
            if entry == 0 {
                return None;
            }
            let series = entry & SERIES;
            if entry & !SERIES == tag && series != REMOVED && same(series as usize - 1) {
                return Some(series as usize - 1);
            }
        }
        None
    }

    /// Adds a series; `false` when the table is full.
    #[expect(clippy::cast_possible_truncation, reason = "a series is below `MOST`")]
    pub(crate) fn insert(&self, hash: u64, series: usize) -> bool {
        let taken = self.taken.load(Ordering::Relaxed) as usize;
        // One entry in five stays free: it is what ends a search.
        if (taken + 1) * 5 > self.entries.len() * 4 {
            return false;
        }
        for at in self.probe(hash) {
            if self.entries[at].load(Ordering::Relaxed) == 0 {
                self.entries[at].store(tag(hash) | (series as u32 + 1), Ordering::Release);
                self.taken.store(taken as u32 + 1, Ordering::Relaxed);
                return true;
            }
        }
        false
    }

    /// Removes a series.
    #[expect(clippy::cast_possible_truncation, reason = "a series is below `MOST`")]
    pub(crate) fn remove(&self, hash: u64, series: usize) {
        let entry = tag(hash) | (series as u32 + 1);
        for at in self.probe(hash) {
            match self.entries[at].load(Ordering::Relaxed) {
                0 => return,
                found if found == entry => {
                    return self.entries[at].store(REMOVED, Ordering::Release);
                }
                _ => {}
            }
        }
    }

    /// Every entry, from where the hash belongs.
    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let mask = self.entries.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "masked anyway")]
        let home = hash as usize;
        (0..=mask).map(move |step| home.wrapping_add(step) & mask)
    }
}

/// The upper bits of the hash: the lower ones say where it belongs.
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & !SERIES
}

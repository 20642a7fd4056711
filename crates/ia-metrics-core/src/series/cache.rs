//! The series that a thread looked up lately.

use std::ptr::NonNull;

use super::{Head, Key};

/// The first size, in entries of 64 bytes.
const FIRST: usize = 64;
/// The last size: a mebibyte, what the second-level cache of a core holds.
const LARGEST: usize = 16_384;
/// How many entries are looked at.
const PROBES: usize = 8;

/// A table of series by metric and label values, for one thread alone. It forgets what there is no room for.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: Box<[Entry]>,
    used: usize,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Entry {
    key: Key,
    /// What the entry is for: one metric, up to the next removal of one of its series. Zero: nothing.
    stamp: u64,
    head: Option<NonNull<Head>>,
}

#[expect(unsafe_code, reason = "a cache waits with its slab for the next thread")]
// SAFETY: the pointers are not followed before the metric, which the caller has, has confirmed the stamp.
unsafe impl Send for Cache {}

impl Cache {
    /// The head that was put there for this key. It is that of a series as long as the stamp is the metric's.
    #[inline]
    pub(crate) fn find(&self, key: &Key, stamp: u64) -> Option<NonNull<Head>> {
        let mask = self.entries.len() - 1;
        let home = home(key, stamp);
        for step in 0..PROBES {
            let entry = &self.entries[home.wrapping_add(step) & mask];
            if entry.stamp == stamp && entry.key == *key {
                return entry.head;
            }
            if entry.stamp == 0 {
                return None;
            }
        }
        None
    }

    /// Remembers a series, in place of another where there is no room.
    pub(crate) fn put(&mut self, key: Key, stamp: u64, head: NonNull<Head>) {
        let entry = Entry { key, stamp, head: Some(head) };
        if self.used * 8 > self.entries.len() * 5 && self.entries.len() < LARGEST {
            self.grow();
        }
        while !self.insert(entry) {
            if self.entries.len() < LARGEST {
                self.grow();
            } else {
                let mask = self.entries.len() - 1;
                self.entries[home(&key, stamp) & mask] = entry;
                return;
            }
        }
    }

    fn insert(&mut self, entry: Entry) -> bool {
        let mask = self.entries.len() - 1;
        let home = home(&entry.key, entry.stamp);
        for step in 0..PROBES {
            let place = &mut self.entries[home.wrapping_add(step) & mask];
            if place.stamp == 0 {
                self.used += 1;
                *place = entry;
                return true;
            }
            if place.stamp == entry.stamp && place.key == entry.key {
                *place = entry;
                return true;
            }
        }
        false
    }

    fn grow(&mut self) {
        let larger = self.entries.len() * 4;
        let old = std::mem::replace(
            &mut self.entries,
            vec![Entry::default(); larger.min(LARGEST)].into(),
        );
        self.used = 0;
        for entry in old.iter().filter(|entry| entry.stamp != 0) {
            // One that finds no room is forgotten.
            self.insert(*entry);
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self { entries: vec![Entry::default(); FIRST].into(), used: 0 }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "masked by the caller")]
fn home(key: &Key, stamp: u64) -> usize {
    (key.hash() ^ stamp.wrapping_mul(0x9e37_79b9_7f4a_7c15)) as usize
}

//! The series that a thread looked up lately.

use std::ptr::NonNull;

use super::Head;
use super::key::{self, Key, LENGTH_BITS};

/// The first size, in entries of 64 bytes.
const FIRST: usize = 64;
/// The last size: a third of it is what the second-level cache of a core holds.
const LARGEST: usize = 32_768;
/// How many entries are looked at.
const PROBES: usize = 8;

/// A table of series by metric and label values, for one thread alone. It forgets what there is no room for.
#[derive(Debug)]
pub(crate) struct Cache {
    /// A power of two of them.
    entries: Box<[Entry]>,
    used: usize,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Entry {
    /// What the entry is for: one metric, up to the next removal of one of its series, and the lengths of the values. Zero:
    /// nothing.
    tag: u64,
    head: Option<NonNull<Head>>,
    words: [u64; 6],
}

#[expect(unsafe_code, reason = "a cache waits with its slab for the next thread")]
// SAFETY: the pointers are not followed before the metric, which the caller has, has confirmed the stamp.
unsafe impl Send for Cache {}

impl Cache {
    /// The head that was put there for these values. It is that of a series as long as the stamp is the metric's.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the key stays in registers")]
    pub(crate) fn find(&self, key: &Key, stamp: u64) -> Option<NonNull<Head>> {
        let tag = tag(stamp, key);
        let home = home(&key.words(), tag);
        let entry = self.entries.get(home & (self.entries.len() - 1))?;
        if entry.tag == tag && key.has_words(&entry.words) {
            return entry.head;
        }
        self.find_further(home, key, tag)
    }

    /// Remembers a series, in place of another where there is no room.
    pub(crate) fn put(&mut self, key: &Key, stamp: u64, head: NonNull<Head>) {
        let entry = Entry { tag: tag(stamp, key), head: Some(head), words: key.words() };
        if self.used * 3 > self.entries.len() && self.entries.len() < LARGEST {
            self.grow();
        }
        while !self.insert(entry) {
            if self.entries.len() < LARGEST {
                self.grow();
            } else {
                let home = home(&entry.words, entry.tag) & (LARGEST - 1);
                self.entries[home] = entry;
                return;
            }
        }
    }

    #[inline(never)]
    fn find_further(&self, home: usize, key: &Key, tag: u64) -> Option<NonNull<Head>> {
        for step in 1..PROBES {
            let entry = &self.entries[home.wrapping_add(step) & (self.entries.len() - 1)];
            if entry.tag == tag && key.has_words(&entry.words) {
                return entry.head;
            }
            if entry.tag == 0 {
                return None;
            }
        }
        None
    }

    /// Puts an entry where it is found, or into the first free place.
    fn insert(&mut self, entry: Entry) -> bool {
        let mask = self.entries.len() - 1;
        let home = home(&entry.words, entry.tag);
        for step in 0..PROBES {
            let place = &mut self.entries[home.wrapping_add(step) & mask];
            if place.tag == 0 {
                self.used += 1;
                *place = entry;
                return true;
            }
        }
        false
    }

    fn grow(&mut self) {
        let larger = (self.entries.len() * 2).min(LARGEST);
        let old = std::mem::replace(&mut self.entries, empty(larger));
        self.used = 0;
        for entry in old.iter().filter(|entry| entry.tag != 0) {
            // One that finds no room is forgotten.
            self.insert(*entry);
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self { entries: empty(FIRST), used: 0 }
    }
}

fn empty(entries: usize) -> Box<[Entry]> {
    vec![Entry::default(); entries].into()
}

/// Stamps stay below 2^40: that many removals take a thousand years at thirty a second.
#[inline]
fn tag(stamp: u64, key: &Key) -> u64 {
    stamp << LENGTH_BITS | key.lengths()
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "masked by the caller")]
fn home(words: &[u64; 6], tag: u64) -> usize {
    key::hash(words, tag) as usize
}

//! The cells of one thread.

use super::grace;
use crate::sync::{AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Cells per page: those of one page of memory.
#[cfg(not(loom))]
pub(crate) const PAGE: usize = 512;
#[cfg(loom)]
pub(crate) const PAGE: usize = 2;

/// Cells per slab. The sum of the two arrays is 128 MiB of address space.
#[cfg(not(any(loom, miri)))]
pub(super) const SLOTS: usize = 1 << 23;
#[cfg(miri)]
pub(super) const SLOTS: usize = 1 << 14;
#[cfg(loom)]
pub(super) const SLOTS: usize = 6;

pub(super) const PAGES: usize = SLOTS / PAGE;

#[cfg(not(loom))]
type Array<T, const N: usize> = [T; N];
#[cfg(loom)]
type Array<T, const N: usize> = Box<[T]>;

/// The cells of one thread. All zeros is a valid slab.
#[repr(C, align(64))]
pub(crate) struct Slab {
    /// Odd while the owner is in a read section.
    section: AtomicU64,
    /// Keeps the marks off the line above.
    _line: [u64; 7],
    /// What each page is: see [`Mark`].
    marks: Array<AtomicU8, PAGES>,
    values: Array<AtomicU64, SLOTS>,
    refs: Array<Refs, SLOTS>,
}

/// What is known of a page of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nobody ever wrote it: its cells are zero.
    Untouched,
    /// Nobody wrote it since it was last asked for.
    Read,
    /// It was written.
    Written,
}

const UNTOUCHED: u8 = 0;
const READ: u8 = 1;
const WRITTEN: u8 = 2;

/// How many handles of a slot came into being on a thread, and how many were dropped there. Both wrap: only their
/// differences count.
#[repr(C)]
struct Refs {
    births: AtomicU32,
    deaths: AtomicU32,
}

/// What its owner does.
impl Slab {
    /// Adds, wrapping.
    #[inline]
    pub(crate) fn add(&self, slot: u32, amount: u64) {
        let cell = self.value(slot);
        cell.store(cell.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
        self.mark(slot);
    }

    /// Counts one observation in the pair of cells at `slot`: one more in the first, `sum` of the second.
    #[inline]
    pub(crate) fn observe(&self, slot: u32, sum: impl FnOnce(u64) -> u64) {
        let (count, total) = (self.value(slot), self.value(slot + 1));
        // Either is released, so that who sees a sum sees the counts before it, and who sees a count sees its sum: a reader
        // that sees the same count before and after has at most one observation too many in the sum.
        total.store(sum(total.load(Ordering::Relaxed)), Ordering::Release);
        count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        self.mark(slot);
    }

    /// Replaces a cell.
    #[inline]
    pub(crate) fn set(&self, slot: u32, value: u64) {
        self.value(slot).store(value, Ordering::Relaxed);
        self.mark(slot);
    }

    /// Counts a new handle.
    #[inline]
    pub(crate) fn birth(&self, slot: u32) {
        let births = &self.refs(slot).births;
        births.store(births.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// Counts a dropped handle. Everything done through it happened before.
    #[inline]
    pub(crate) fn death(&self, slot: u32) {
        let deaths = &self.refs(slot).deaths;
        deaths.store(deaths.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
    }

    /// Runs `read`, during which nothing that it can find is freed. Must not be nested, and `read` must not wait.
    #[inline]
    pub(crate) fn section<R>(&self, read: impl FnOnce() -> R) -> R {
        let _inside = self.enter();
        read()
    }

    /// As [`Self::section`], until the answer is dropped: what is done meanwhile is not a function of its own, and stays in
    /// registers.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "two stores, and none of them is worth a call")]
    pub(crate) fn enter(&self) -> Section<'_> {
        Section::enter(&self.section)
    }

    /// Tells the reader that a cell of this page was written.
    ///
    /// A plain store: were it made only where the mark is not there yet, it could be the mark that the reader is just
    /// taking away.
    #[inline]
    fn mark(&self, slot: u32) {
        let mark = self.marked(slot as usize / PAGE);
        #[cfg(not(loom))]
        mark.store(WRITTEN, Ordering::Release);
        // An exchange, as loom thinks that a store can come between the two halves of the reader's: see `models`.
        #[cfg(loom)]
        mark.swap(WRITTEN, Ordering::Release);
    }
}

/// What everybody may do.
impl Slab {
    #[inline]
    pub(crate) fn get(&self, slot: u32) -> u64 {
        self.value(slot).load(Ordering::Relaxed)
    }

    /// The cells of a page.
    #[inline]
    pub(super) fn page(&self, page: usize) -> &[AtomicU64] {
        &self.values[page * PAGE..][..PAGE]
    }

    /// A pair of cells, as of one moment but for at most one observation.
    pub(crate) fn pair(&self, slot: u32) -> (u64, u64) {
        // A writer that never stops must not stop the reader.
        const ATTEMPTS: usize = 8;
        let (count, total) = (self.value(slot), self.value(slot + 1));
        let mut before = count.load(Ordering::Acquire);
        let mut sum = total.load(Ordering::Acquire);
        for _ in 0..ATTEMPTS {
            let after = count.load(Ordering::Relaxed);
            if after == before {
                break;
            }
            before = count.load(Ordering::Acquire);
            sum = total.load(Ordering::Acquire);
        }
        (before, sum)
    }

    pub(crate) fn births(&self, slot: u32) -> u32 {
        self.refs(slot).births.load(Ordering::Acquire)
    }

    pub(crate) fn deaths(&self, slot: u32) -> u32 {
        self.refs(slot).deaths.load(Ordering::Acquire)
    }

    /// Whether a page was ever written.
    #[inline]
    pub(crate) fn is_touched(&self, page: usize) -> bool {
        self.marked(page).load(Ordering::Acquire) != UNTOUCHED
    }

    /// Whether a page was written since this was last asked. What was written before is visible; only one reader asks.
    #[inline]
    pub(crate) fn take_mark(&self, page: usize) -> Mark {
        let mark = self.marked(page);
        match mark.load(Ordering::Relaxed) {
            UNTOUCHED => Mark::Untouched,
            WRITTEN => {
                // A swap sees the latest mark, and with it everything that was written before it; what is written after it
                // leaves a mark of its own.
                mark.swap(READ, Ordering::AcqRel);
                Mark::Written
            }
            _ => Mark::Read,
        }
    }

    /// Waits until the owner is out of the read section it may be in.
    pub(super) fn quiesce(&self) {
        let seen = self.section.load(Ordering::Acquire);
        while seen % 2 == 1 && self.section.load(Ordering::Acquire) == seen {
            crate::sync::wait();
        }
    }

    /// Makes a run of slots that nobody has any more as good as new.
    pub(super) fn clear(&self, first: u32, width: usize) {
        // Only what is not zero is written, and only what was touched is looked at: a run may be long and slabs many.
        let end = first as usize + width;
        let mut at = first as usize;
        while at < end {
            let page = at / PAGE;
            let next = ((page + 1) * PAGE).min(end);
            if self.is_touched(page) {
                for value in &self.values[at..next] {
                    if value.load(Ordering::Relaxed) != 0 {
                        value.store(0, Ordering::Relaxed);
                    }
                }
            }
            at = next;
        }
        // Handles are counted at the first slot.
        let refs = self.refs(first);
        for count in [&refs.births, &refs.deaths] {
            if count.load(Ordering::Relaxed) != 0 {
                count.store(0, Ordering::Relaxed);
            }
        }
    }
}

#[expect(unsafe_code, reason = "a bounds check would be a third of the hot path")]
impl Slab {
    #[inline]
    fn value(&self, slot: u32) -> &AtomicU64 {
        debug_assert!((slot as usize) < SLOTS);
        // SAFETY: slots are given out by `Slots`, which stops at `SLOTS`, and a run lies wholly below it.
        unsafe { self.values.get_unchecked(slot as usize) }
    }

    #[inline]
    fn refs(&self, slot: u32) -> &Refs {
        debug_assert!((slot as usize) < SLOTS);
        // SAFETY: as in `value`.
        unsafe { self.refs.get_unchecked(slot as usize) }
    }

    #[inline]
    fn marked(&self, page: usize) -> &AtomicU8 {
        debug_assert!(page < PAGES);
        // SAFETY: a page is a slot divided by `PAGE`, and slots are below `SLOTS`.
        unsafe { self.marks.get_unchecked(page) }
    }
}

/// Being in a read section; leaving it on drop.
pub(crate) struct Section<'a> {
    flag: &'a AtomicU64,
    inside: u64,
}

impl<'a> Section<'a> {
    #[inline]
    fn enter(flag: &'a AtomicU64) -> Self {
        let inside = flag.load(Ordering::Relaxed).wrapping_add(1);
        debug_assert!(inside % 2 == 1, "read sections do not nest");
        // Released, so that who sees this section and not the end of the last one sees what was done in the last one.
        flag.store(inside, Ordering::Release);
        grace::light_barrier();
        Self { flag, inside }
    }
}

impl Drop for Section<'_> {
    #[inline]
    fn drop(&mut self) {
        self.flag.store(self.inside.wrapping_add(1), Ordering::Release);
    }
}

#[cfg(loom)]
impl Slab {
    /// A slab of the model: small, and never freed before the model ends.
    pub(super) fn model() -> Self {
        let cells = |n: usize| (0..n).map(|_| AtomicU64::new(0)).collect();
        Self {
            section: AtomicU64::new(0),
            _line: [0; 7],
            marks: (0..PAGES).map(|_| AtomicU8::new(UNTOUCHED)).collect(),
            values: cells(SLOTS),
            refs: (0..SLOTS)
                .map(|_| Refs { births: AtomicU32::new(0), deaths: AtomicU32::new(0) })
                .collect(),
        }
    }
}

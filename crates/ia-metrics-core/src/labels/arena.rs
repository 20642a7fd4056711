//! Memory for label texts: it never moves, and what is written in it is not written again before it was given back.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// What places are counted in, in bytes.
const UNIT: usize = size_of::<u64>();

/// Units of a block, 256 KiB: the system gives memory to what is written of it only.
const BLOCK: usize = 1 << 15;

/// The most blocks: a gibibyte.
const BLOCKS: usize = 1 << 12;

/// Blocks of memory, allocated as they are needed.
pub(super) struct Arena {
    blocks: Box<[AtomicPtr<u8>; BLOCKS]>,
}

/// Which places are free. Whoever holds it may write.
#[derive(Debug)]
pub(super) struct Free {
    /// The first place that was never given out.
    next: usize,
    /// What was given back, by size in units.
    returned: BTreeMap<usize, Vec<u32>>,
}

impl Default for Free {
    fn default() -> Self {
        // Place 0 is nobody's.
        Self { next: 1, returned: BTreeMap::new() }
    }
}

impl Arena {
    /// A place for so many bytes, filled by `fill`; `None` when there is none left.
    pub(super) fn put(
        &self,
        free: &mut Free,
        bytes: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Option<u32> {
        let units = bytes.div_ceil(UNIT);
        let place = match free.returned.get_mut(&units).and_then(Vec::pop) {
            Some(place) => place,
            None => free.take(units)?,
        };
        self.write(free, place, bytes, fill);
        Some(place)
    }

    /// Gives a place back that nobody reads any more.
    pub(super) fn give_back(free: &mut Free, place: u32, bytes: usize) {
        free.returned.entry(bytes.div_ceil(UNIT)).or_default().push(place);
    }
}

#[expect(unsafe_code, reason = "texts are read without a lock while others are written")]
impl Arena {
    /// What was put at a place.
    ///
    /// # Safety
    ///
    /// The place was given out, that happened before, and it is not given back as long as the answer is used.
    #[inline]
    pub(super) unsafe fn at(&self, place: u32) -> Placed<'_> {
        // SAFETY: the caller says so.
        Placed { memory: unsafe { self.pointer(place) }, arena: PhantomData }
    }

    /// The four bytes at the begin of a place.
    ///
    /// # Safety
    ///
    /// The place was given out, that happened before, it was not given back, and all reach these bytes by this function.
    pub(super) unsafe fn head(&self, place: u32) -> &AtomicU32 {
        // SAFETY: as in `get`; a place is aligned to its unit of 8 bytes.
        unsafe { self.pointer(place).cast::<AtomicU32>().as_ref() }
    }

    /// # Safety
    ///
    /// The place was given out, and that happened before.
    #[inline]
    unsafe fn pointer(&self, place: u32) -> NonNull<u8> {
        // A place is below `BLOCK * BLOCKS`: the remainder is for the compiler, which need not check an index then.
        let (block, offset) = (place as usize / BLOCK % BLOCKS, place as usize % BLOCK);
        let block = self.blocks[block].load(Ordering::Relaxed);
        // SAFETY: the block was allocated before a place in it was given out, and the place lies within it.
        unsafe { NonNull::new_unchecked(block).add(offset * UNIT) }
    }

    fn write(&self, _: &mut Free, place: u32, bytes: usize, fill: impl FnOnce(&mut [u8])) {
        let block = &self.blocks[place as usize / BLOCK];
        if block.load(Ordering::Relaxed).is_null() {
            // SAFETY: the layout is not empty.
            let memory = unsafe { alloc(LAYOUT) };
            if memory.is_null() {
                handle_alloc_error(LAYOUT);
            }
            block.store(memory, Ordering::Release);
        }
        // SAFETY: the place lies wholly within its block and was just given out: nobody else reads or writes it.
        unsafe {
            let memory = self.pointer(place);
            memory.write_bytes(0, bytes);
            fill(std::slice::from_raw_parts_mut(memory.as_ptr(), bytes));
        }
    }
}

/// What was put at a place.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    memory: NonNull<u8>,
    arena: PhantomData<&'a Arena>,
}

#[expect(unsafe_code, reason = "texts are read without a lock while others are written")]
impl<'a> Placed<'a> {
    /// Some of its bytes.
    ///
    /// # Safety
    ///
    /// The place has them, and nobody writes them.
    #[inline]
    pub(super) unsafe fn bytes(self, from: usize, len: usize) -> &'a [u8] {
        // SAFETY: the caller says so; the place lies wholly within its block.
        unsafe { std::slice::from_raw_parts(self.memory.add(from).as_ptr(), len) }
    }

    /// Some of its bytes, in pieces.
    ///
    /// # Safety
    ///
    /// As [`Self::bytes`], for `1 + more` pieces.
    #[inline]
    pub(super) unsafe fn pieces<const N: usize>(
        self,
        from: usize,
        more: usize,
    ) -> (&'a [u8; N], &'a [[u8; N]]) {
        // SAFETY: the caller says so.
        unsafe {
            let first = self.memory.add(from).cast::<[u8; N]>();
            (first.as_ref(), std::slice::from_raw_parts(first.add(1).as_ptr(), more))
        }
    }
}

const LAYOUT: Layout = match Layout::array::<u64>(BLOCK) {
    Ok(layout) => layout,
    Err(_) => panic!("a block is small"),
};

impl Free {
    fn take(&mut self, units: usize) -> Option<u32> {
        if self.next % BLOCK + units > BLOCK {
            self.next = self.next.next_multiple_of(BLOCK);
        }
        let place = self.next;
        if units > BLOCK || place + units > BLOCK * BLOCKS {
            return None;
        }
        self.next += units;
        u32::try_from(place).ok()
    }
}

impl Default for Arena {
    #[expect(
        clippy::large_stack_arrays,
        reason = "the compiler makes it in its box, and 32 KiB fit on a stack"
    )]
    fn default() -> Self {
        Self { blocks: Box::new([const { AtomicPtr::new(ptr::null_mut()) }; BLOCKS]) }
    }
}

impl Drop for Arena {
    #[expect(unsafe_code, reason = "blocks are allocated as such")]
    fn drop(&mut self) {
        for block in &mut *self.blocks {
            let memory = *block.get_mut();
            if !memory.is_null() {
                // SAFETY: allocated by `write` with this layout, and nobody has the arena any more.
                unsafe { dealloc(memory, LAYOUT) };
            }
        }
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Arena, BLOCK, Free};

    #[test]
    fn places_do_not_overlap_or_straddle_blocks() {
        let (arena, mut free) = (Arena::default(), Free::default());
        let mut end = 0;
        for bytes in (1..3_000).cycle().step_by(7).take(2_000) {
            let place = arena.put(&mut free, bytes, |text| text.fill(1)).unwrap() as usize;
            assert!(place >= end);
            end = place + bytes.div_ceil(8);
            assert_eq!(place / BLOCK, (end - 1) / BLOCK);
        }
    }

    #[test]
    fn a_text_larger_than_a_block_has_no_place() {
        let (arena, mut free) = (Arena::default(), Free::default());
        assert!(arena.put(&mut free, BLOCK * 8, |text| text.fill(7)).is_some());
        assert!(arena.put(&mut free, BLOCK * 8 + 1, |text| text.fill(7)).is_none());
    }

    #[test]
    fn there_is_an_end_to_places() {
        let mut free = Free::default();
        let most = std::iter::from_fn(|| free.take(BLOCK)).count();
        assert_eq!(most, super::BLOCKS - 1);
    }

    #[test]
    fn what_was_given_back_is_used_again() {
        let (arena, mut free) = (Arena::default(), Free::default());
        let place = arena.put(&mut free, 24, |_| ()).unwrap();
        Arena::give_back(&mut free, place, 24);
        assert_eq!(arena.put(&mut free, 17, |_| ()), Some(place));
    }
}

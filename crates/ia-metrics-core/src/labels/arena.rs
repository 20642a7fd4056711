//! Memory for label texts: it never moves, and what is written in it is not written again before it was given back.

use std::collections::BTreeMap;
use std::fmt;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

/// What places are counted in, in bytes.
const UNIT: usize = size_of::<u64>();

/// Units of the first block; each further one is twice as large as the one before.
const FIRST: usize = 128;

/// Enough blocks for all places that 32 bits can name.
const BLOCKS: usize = 25;

/// Blocks of memory, allocated as they are needed.
#[derive(Default)]
pub(super) struct Arena {
    blocks: [OnceLock<Block>; BLOCKS],
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
    /// A place for so many bytes, filled by `fill`; `None` when all 32 GiB are taken.
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
    /// What was put at a place, from some byte on.
    ///
    /// # Safety
    ///
    /// The place was given out for at least so many bytes, that happened before, it was not given back, and nobody writes
    /// these bytes.
    #[inline]
    pub(super) unsafe fn get(&self, place: u32, from: usize, bytes: usize) -> &[u8] {
        let (block, offset) = locate(place as usize);
        let Some(block) = self.blocks[block].get() else { return &[] };
        // SAFETY: a place lies wholly within its block; nobody writes it before it is given back, says the caller.
        unsafe {
            std::slice::from_raw_parts(block.memory.as_ptr().add(offset * UNIT + from), bytes)
        }
    }

    /// The four bytes at the begin of a place.
    ///
    /// # Safety
    ///
    /// The place was given out, that happened before, it was not given back, and all reach these bytes by this function.
    pub(super) unsafe fn head(&self, place: u32) -> Option<&AtomicU32> {
        let (block, offset) = locate(place as usize);
        let memory = self.blocks[block].get()?.memory;
        // SAFETY: a place lies within its block and is aligned to its unit of 8 bytes.
        Some(unsafe { memory.add(offset * UNIT).cast::<AtomicU32>().as_ref() })
    }

    fn write(&self, _: &mut Free, place: u32, bytes: usize, fill: impl FnOnce(&mut [u8])) {
        let (block, offset) = locate(place as usize);
        let block = self.blocks[block].get_or_init(|| Block::new(FIRST << block));
        // SAFETY: the place lies wholly within its block and was just given out: nobody else reads or writes it.
        fill(unsafe {
            std::slice::from_raw_parts_mut(block.memory.as_ptr().add(offset * UNIT), bytes)
        });
    }
}

impl Free {
    fn take(&mut self, units: usize) -> Option<u32> {
        loop {
            let (block, offset) = locate(self.next);
            if block >= BLOCKS {
                return None;
            }
            if offset + units <= FIRST << block {
                let place = u32::try_from(self.next).ok()?;
                self.next += units;
                return Some(place);
            }
            self.next += (FIRST << block) - offset;
        }
    }
}

/// The block of a place, and where in it.
#[inline]
fn locate(place: usize) -> (usize, usize) {
    let block = (place / FIRST + 1).ilog2() as usize;
    (block, place - FIRST * ((1 << block) - 1))
}

struct Block {
    memory: NonNull<u8>,
    units: usize,
}

#[expect(unsafe_code, reason = "shared memory, written where nobody reads")]
// SAFETY: a block is plain memory; `Arena` says who may read and write which part of it.
unsafe impl Send for Block {}
#[expect(unsafe_code, reason = "shared memory, written where nobody reads")]
// SAFETY: as above.
unsafe impl Sync for Block {}

impl Block {
    fn new(units: usize) -> Self {
        // Zeroed by the system where it is large: only what is written becomes resident.
        let memory = Box::leak(vec![0_u64; units].into_boxed_slice());
        Self { memory: NonNull::from(memory).cast(), units }
    }
}

impl Drop for Block {
    #[expect(unsafe_code, reason = "the memory was leaked in `new`")]
    fn drop(&mut self) {
        let memory = NonNull::slice_from_raw_parts(self.memory.cast::<u64>(), self.units);
        // SAFETY: it is the box that `new` leaked, and nobody has it any more.
        drop(unsafe { Box::from_raw(memory.as_ptr()) });
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Arena, FIRST, Free, locate};

    #[test]
    fn places_do_not_straddle_blocks() {
        let (arena, mut free) = (Arena::default(), Free::default());
        let mut end = 0;
        for bytes in (1..3_000).cycle().step_by(7).take(2_000) {
            let place = arena.put(&mut free, bytes, |text| text.fill(1)).unwrap() as usize;
            assert!(place >= end);
            end = place + bytes.div_ceil(8);
            assert_eq!(locate(place).0, locate(end - 1).0);
        }
    }

    #[test]
    fn a_text_larger_than_the_first_blocks_has_a_place() {
        let (arena, mut free) = (Arena::default(), Free::default());
        assert!(arena.put(&mut free, FIRST * 8 * 5, |text| text.fill(7)).is_some());
    }

    #[test]
    fn what_was_given_back_is_used_again() {
        let (arena, mut free) = (Arena::default(), Free::default());
        let place = arena.put(&mut free, 24, |_| ()).unwrap();
        Arena::give_back(&mut free, place, 24);
        assert_eq!(arena.put(&mut free, 17, |_| ()), Some(place));
    }
}

//! Memory for some series: it does not move while a handle may refer to it.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::{Head, Rows};
use crate::slab;

/// The heads of some series, each followed by its shared cells, and the labels.
///
/// Shared cells take what is recorded before a series has a slot, or by a thread without a slab. The value of a series is
/// that of its shared cells and of all slabs.
pub(crate) struct Chunk {
    memory: NonNull<u64>,
    capacity: usize,
    width: usize,
    /// An `Arc` that snapshots share; replaced rather than changed while they do.
    rows: AtomicPtr<Rows>,
}

#[expect(unsafe_code, reason = "series are reached from handles, without a lock")]
// SAFETY: heads and cells are atomics, and `rows` is an `Arc` of atomics behind an atomic pointer.
unsafe impl Send for Chunk {}
#[expect(unsafe_code, reason = "series are reached from handles, without a lock")]
// SAFETY: as above.
unsafe impl Sync for Chunk {}

#[expect(unsafe_code, reason = "series are reached from handles, without a lock")]
impl Chunk {
    /// Room for `capacity` series with `width` shared cells each.
    pub(crate) fn new(capacity: usize, width: usize, rows: Rows) -> Self {
        let layout = Self::layout(capacity, width);
        // SAFETY: the layout is not empty: a series has a head.
        let memory = unsafe { alloc_zeroed(layout) };
        let Some(memory) = NonNull::new(memory) else { handle_alloc_error(layout) };
        let memory = memory.cast::<u64>();
        let rows = AtomicPtr::new(Arc::into_raw(Arc::new(rows)).cast_mut());
        let chunk = Self { memory, capacity, width, rows };
        for at in 0..capacity {
            // SAFETY: within the memory above, which nobody else has yet.
            unsafe { chunk.head_pointer(at).write(Head::cold()) };
        }
        chunk
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    #[inline]
    pub(crate) fn head(&self, at: usize) -> &Head {
        // SAFETY: written by `new`, and valid as long as the chunk.
        unsafe { self.head_pointer(at).as_ref() }
    }

    pub(crate) fn cells(&self, at: usize) -> &[AtomicU64] {
        // SAFETY: the head is of this chunk, whose series have `width` cells.
        unsafe { Self::cells_of(self.head_pointer(at), self.width) }
    }

    /// The heads, each with the first of its shared cells.
    pub(crate) fn heads_and_first_cells(&self) -> impl Iterator<Item = (&Head, &AtomicU64)> {
        /// How far ahead is fetched, in bytes: some lines.
        const AHEAD: usize = 768;
        (0..self.capacity).map(|at| {
            let head = self.head_pointer(at);
            if at % 4 == 0 {
                slab::prefetch_line(head.as_ptr().cast::<u8>().wrapping_add(AHEAD));
            }
            // SAFETY: within the memory, as every series has a head and at least one cell; zero is a valid cell.
            unsafe { (head.as_ref(), head.cast::<AtomicU64>().add(1).as_ref()) }
        })
    }

    /// The shared cells that follow a head.
    ///
    /// # Safety
    ///
    /// The head is one of a chunk of this width, and the chunk outlives the answer.
    #[inline]
    pub(crate) unsafe fn cells_of<'a>(head: NonNull<Head>, width: usize) -> &'a [AtomicU64] {
        // SAFETY: that is how a chunk is laid out; zero is a valid cell.
        unsafe { std::slice::from_raw_parts(head.cast::<AtomicU64>().add(1).as_ptr(), width) }
    }

    /// The labels. The answer is what they are now, and stays valid as long as nobody replaces them: within a read section,
    /// or while the totals are held.
    #[inline]
    pub(crate) fn rows(&self) -> &Rows {
        // SAFETY: it came from `Arc::into_raw`, and is replaced under the lock of the totals and freed only after a grace
        // period: the caller holds that lock, the family's, or is in a read section.
        unsafe { &*self.rows.load(Ordering::Acquire) }
    }

    /// The labels, to be kept. While the totals are held.
    pub(crate) fn share_rows(&self) -> Arc<Rows> {
        let rows = self.rows.load(Ordering::Acquire);
        // SAFETY: as in `rows`; the count is raised before an `Arc` is made of it.
        unsafe {
            Arc::increment_strong_count(rows);
            Arc::from_raw(rows)
        }
    }

    /// Replaces the labels, and gives back the old ones: to be dropped after a grace period.
    pub(crate) fn replace_rows(&self, rows: Rows) -> Arc<Rows> {
        let old = self.rows.swap(Arc::into_raw(Arc::new(rows)).cast_mut(), Ordering::AcqRel);
        // SAFETY: it came from `Arc::into_raw`, and the chunk gives up its count.
        unsafe { Arc::from_raw(old) }
    }

    #[inline]
    fn head_pointer(&self, at: usize) -> NonNull<Head> {
        debug_assert!(at < self.capacity);
        // SAFETY: `at` is below the capacity, so this is within the memory.
        unsafe { self.memory.add(at * (self.width + 1)) }.cast()
    }

    fn layout(capacity: usize, width: usize) -> Layout {
        Layout::array::<u64>(capacity * (width + 1)).unwrap_or(Layout::new::<u64>())
    }
}

impl Drop for Chunk {
    #[expect(unsafe_code, reason = "the memory was allocated in `new`")]
    fn drop(&mut self) {
        // SAFETY: allocated by `new` with this layout; heads and cells need no drop.
        unsafe { dealloc(self.memory.cast().as_ptr(), Self::layout(self.capacity, self.width)) };
        // SAFETY: it came from `Arc::into_raw`, and the chunk gives up its count.
        drop(unsafe { Arc::from_raw(*self.rows.get_mut()) });
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

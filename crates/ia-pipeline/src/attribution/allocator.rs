//! An allocator that knows whose memory it is.
#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;

use super::memory;

/// Makes the memory of pipelines known, in a binary: its global allocator from then on is
/// [`TrackingAllocator`] over the system's.
///
/// ```standalone_crate
/// ia_pipeline::tracking_allocator!();
///
/// fn main() {}
/// ```
#[macro_export]
macro_rules! tracking_allocator {
    () => {
        #[global_allocator]
        static IA_TRACKING_ALLOCATOR: $crate::TrackingAllocator =
            $crate::TrackingAllocator::system();
    };
}

/// A global allocator that knows which pipeline each block of memory belongs to.
///
/// What is allocated while a step is polled, or what it gave to [`StepContext::spawn`](crate::StepContext::spawn) or
/// [`StepContext::spawn_blocking`](crate::StepContext::spawn_blocking), belongs to its pipeline until it is freed, wherever
/// that is. A block that grows goes over to whoever lets it grow. What was asked for is counted, not what an allocator adds to
/// it. [`Pipeline::resources`](crate::Pipeline::resources) and `pipeline_memory_bytes` tell.
///
/// Each block carries its owner in two bytes behind its end. Where those do not fit into what the allocator below rounds the
/// block up to, it needs its next size; of sizes that are a multiple of 16 the system's allocator of Linux leaves 8 bytes free.
///
/// For the system's allocator there is [`tracking_allocator!`](crate::tracking_allocator). For another one:
///
/// ```standalone_crate
/// # use std::alloc::System as Jemalloc;
/// use ia_pipeline::TrackingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator<Jemalloc> = TrackingAllocator::new(Jemalloc);
///
/// fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TrackingAllocator<A = System> {
    inner: A,
}

impl TrackingAllocator {
    /// Over the system's allocator.
    #[must_use]
    pub const fn system() -> Self {
        Self::new(System)
    }
}

impl<A> TrackingAllocator<A> {
    /// Over another allocator.
    #[must_use]
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

/// The bytes behind a block that hold its owner.
const TAG: usize = size_of::<u16>();

/// Room for a block and its owner. The alignment is that of the block, so the block begins where the room does.
#[inline]
fn tagged(size: usize, align: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(TAG)?, align).ok()
}

/// Where the owner of a block is written.
///
/// # Safety
///
/// `block` is the beginning of a block of so many bytes with room for an owner behind it.
#[inline]
unsafe fn tag(block: *mut u8, size: usize) -> *mut u16 {
    // SAFETY: behind the block there is room, says the caller.
    unsafe { block.add(size) }.cast()
}

// SAFETY: blocks come from `inner`, which is an allocator, at least as large as asked for and with the alignment asked for;
// each goes back there with the layout it was made with. Nothing here unwinds: what is counted is counted in atomics, and
// what counting may allocate, on the first use of a thread, is charged to nobody and so comes back here at most once.
unsafe impl<A: GlobalAlloc> GlobalAlloc for TrackingAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(room) = tagged(layout.size(), layout.align()) else { return ptr::null_mut() };
        // SAFETY: it is not empty, as the owner is in it.
        let block = unsafe { self.inner.alloc(room) };
        if !block.is_null() {
            // SAFETY: the block was made with room for its owner, wherever that lies.
            unsafe { tag(block, layout.size()).write_unaligned(memory::allocated(layout.size())) };
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(room) = tagged(layout.size(), layout.align()) else { return ptr::null_mut() };
        // SAFETY: as in `alloc`.
        let block = unsafe { self.inner.alloc_zeroed(room) };
        if !block.is_null() {
            // SAFETY: as in `alloc`.
            unsafe { tag(block, layout.size()).write_unaligned(memory::allocated(layout.size())) };
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is one of ours, so its owner was written when it got this size.
        let owner = unsafe { tag(block, layout.size()).read_unaligned() };
        memory::freed(owner, layout.size());
        if let Some(room) = tagged(layout.size(), layout.align()) {
            // SAFETY: it was made, or got its size, with this layout.
            unsafe { self.inner.dealloc(block, room) };
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (Some(old), Some(new)) =
            (tagged(layout.size(), layout.align()), tagged(new_size, layout.align()))
        else {
            return ptr::null_mut();
        };
        // SAFETY: as in `dealloc`. It is read first, as it is within the block once that has grown.
        let owner = unsafe { tag(block, layout.size()).read_unaligned() };
        // SAFETY: it was made with the old layout; the new size is one of a layout of the same alignment.
        let moved = unsafe { self.inner.realloc(block, old, new.size()) };
        if !moved.is_null() {
            let owner = memory::resized(owner, layout.size(), new_size);
            // SAFETY: as in `alloc`.
            unsafe { tag(moved, new_size).write_unaligned(owner) };
        }
        moved
    }
}

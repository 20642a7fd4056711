//! Where slabs come from: address space that costs memory only where it is touched.

use super::Slab;

/// A new slab, all zeros; `None` where there is none to be had, so that recording falls back to shared cells: an address
/// space limit (`ulimit -v`), strict overcommit, or a platform without reservations.
#[cfg(all(unix, target_pointer_width = "64", not(any(loom, miri))))]
#[expect(unsafe_code, reason = "memory straight from the system")]
pub(super) fn reserve() -> Option<&'static Slab> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const FLAGS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const FLAGS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANON;

    let size = size_of::<Slab>();
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new anonymous mapping, wherever the system likes: it overlaps nothing.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), size, access, FLAGS, -1, 0) };
    if memory == libc::MAP_FAILED {
        return None;
    }
    // One touched cell must not cost 2 MiB.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: the mapping is ours, and the advice changes nothing that can be seen in it.
    unsafe {
        libc::madvise(memory, size, libc::MADV_NOHUGEPAGE);
    }
    // SAFETY: the mapping is as large as a slab, aligned to a page, zero, which is a valid slab, and never unmapped.
    Some(unsafe { &*memory.cast::<Slab>() })
}

#[cfg(all(miri, not(loom)))]
#[expect(unsafe_code, reason = "too large to be made on the stack")]
pub(super) fn reserve() -> Option<&'static Slab> {
    // SAFETY: zero is a valid slab.
    Some(Box::leak(unsafe { Box::<Slab>::new_zeroed().assume_init() }))
}

#[cfg(loom)]
pub(super) fn reserve() -> Option<&'static Slab> {
    Some(Box::leak(Box::new(Slab::model())))
}

#[cfg(not(any(all(unix, target_pointer_width = "64"), loom, miri)))]
pub(super) fn reserve() -> Option<&'static Slab> {
    None
}

//! Grace periods: when what was unlinked can be freed.
//!
//! A reader announces its read section by a plain store ([`Slab::section`](super::Slab::section)). Whoever unlinks
//! something then makes every running thread pass a full barrier, and waits for those that were inside
//! ([`synchronize`]). So the readers, who are many and hot, pay no fence; the one who frees, who is rare, pays for all.
//!
//! Where the system has no such barrier (only Linux has it: `membarrier(2)`, "private expedited", since 4.14), readers
//! pay the fence themselves.

use super::Slab;

/// Returns when every thread has left the read section it may have been in at the time of the call. What the caller
/// unlinked before can be found by nobody any more.
pub(crate) fn synchronize<'a>(slabs: impl IntoIterator<Item = &'a Slab>) {
    heavy_barrier();
    for slab in slabs {
        slab.quiesce();
    }
}

#[cfg(loom)]
pub(super) fn light_barrier() {
    // The model has no `membarrier`; a fence on both sides is what it amounts to.
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
}

#[cfg(loom)]
fn heavy_barrier() {
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
}

#[cfg(not(loom))]
pub(super) use self::asymmetric::{heavy_barrier, light_barrier};

#[cfg(all(not(loom), target_os = "linux", not(miri)))]
mod asymmetric {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

    /// Whether readers must pay the fence: until the kernel has promised to do it.
    static READERS_PAY: AtomicBool = AtomicBool::new(true);
    static REGISTERED: OnceLock<bool> = OnceLock::new();

    #[inline]
    pub(in crate::slab) fn light_barrier() {
        if READERS_PAY.load(Ordering::Relaxed) {
            pay();
        } else {
            compiler_fence(Ordering::SeqCst);
        }
    }

    #[cold]
    fn pay() {
        // A reader that still sees the switch on pays though it need not; one that sees it off was promised the barrier.
        if registered() {
            READERS_PAY.store(false, Ordering::Relaxed);
        }
        fence(Ordering::SeqCst);
    }

    pub(in crate::slab) fn heavy_barrier() {
        fence(Ordering::SeqCst);
        if registered() {
            // It cannot fail once registered; were it to, the fence above is what is left.
            membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
        }
    }

    fn registered() -> bool {
        *REGISTERED.get_or_init(|| membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
    }

    #[expect(unsafe_code, reason = "a system call")]
    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the call reads no memory of ours; an unknown command or system is answered by an error.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }
}

#[cfg(all(not(loom), any(not(target_os = "linux"), miri)))]
mod asymmetric {
    use std::sync::atomic::{Ordering, fence};

    #[inline]
    pub(in crate::slab) fn light_barrier() {
        fence(Ordering::SeqCst);
    }

    pub(in crate::slab) fn heavy_barrier() {
        fence(Ordering::SeqCst);
    }
}

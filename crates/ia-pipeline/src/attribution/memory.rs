//! Which account a block of memory belongs to.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{account, slab, thread};

/// The account of memory that is nobody's.
pub(super) const NOBODY: u16 = 0;

static IS_TRACKED: AtomicBool = AtomicBool::new(false);

/// Whether the process has a tracking allocator.
pub(super) fn is_tracked() -> bool {
    IS_TRACKED.load(Ordering::Relaxed)
}

/// A block was allocated; whose it is.
#[inline]
pub(super) fn allocated(bytes: usize) -> u16 {
    if let Some(current) = thread::current() {
        charge(current, bytes);
        return current.account;
    }
    // Written once, so that threads share the line.
    if !IS_TRACKED.load(Ordering::Relaxed) {
        IS_TRACKED.store(true, Ordering::Relaxed);
    }
    NOBODY
}

/// A block was freed.
#[inline]
pub(super) fn freed(owner: u16, bytes: usize) {
    if owner != NOBODY {
        credit(owner, bytes);
    }
}

/// A block has another size now, which counts as another block; whose it is. It goes over to whoever lets it grow, and stays
/// where it is when it shrinks.
#[inline]
pub(super) fn resized(owner: u16, old: usize, new: usize) -> u16 {
    freed(owner, old);
    if new > old {
        return allocated(new);
    }
    if owner != NOBODY {
        // It is less than what was there a moment ago, so it is no new peak.
        slab::with(owner, |cell| cell.memory.allocated(new));
    }
    owner
}

#[inline]
fn charge(current: thread::Current, bytes: usize) {
    if current.cell.memory.allocated(bytes) {
        account::has_grown(current.account, current.cell);
    }
}

#[inline]
fn credit(owner: u16, bytes: usize) {
    match thread::current() {
        Some(current) if current.account == owner => current.cell.memory.freed(bytes),
        _ => slab::with(owner, |cell| cell.memory.freed(bytes)),
    }
}

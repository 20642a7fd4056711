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
        charge(current, bytes, 1);
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

/// A block has another size now; whose it is. It goes over to whoever lets it grow, and stays where it is when it shrinks.
#[inline]
pub(super) fn resized(owner: u16, old: usize, new: usize) -> u16 {
    let current = thread::current();
    let is_own = current.map_or(NOBODY, |current| current.account) == owner;
    match current {
        _ if new <= old => freed(owner, old - new),
        Some(current) if is_own => charge(current, new - old, 0),
        _ if is_own => {}
        _ => {
            freed(owner, old);
            return allocated(new);
        }
    }
    owner
}

#[inline]
fn charge(current: thread::Current, bytes: usize, blocks: u64) {
    if current.cell.memory.allocated(bytes, blocks) {
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

//! The slab of the current thread.

use std::cell::Cell;
use std::ptr::NonNull;

use super::pool::Seat;
use super::{Slab, domain};
use crate::series::Cache;

thread_local! {
    /// Without a destructor, so that an access is a load; the occupant below has it.
    static SLAB: Cell<Option<&'static Slab>> = const { Cell::new(None) };
    /// `None` also while the cache is changed.
    static CACHE: Cell<Option<NonNull<Cache>>> = const { Cell::new(None) };
    static OCCUPANT: Occupant = const { Occupant };
}

/// The slab of this thread, if it has one already.
#[inline]
pub(crate) fn current() -> Option<&'static Slab> {
    SLAB.with(Cell::get)
}

/// The slab of this thread. `None` when the thread is ending, or when there is no memory for one: then the shared cells
/// are written.
#[inline]
pub(crate) fn attach() -> Option<&'static Slab> {
    current().or_else(first)
}

/// What this thread looked up lately.
///
/// # Safety
///
/// The answer is not used any more when anything is allocated or a callback is called: who counts allocations may look
/// something up, and change it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "so that what is read stays in registers")]
#[expect(unsafe_code, reason = "the thread's own memory")]
pub(crate) unsafe fn lately<'a>() -> Option<&'a Cache> {
    let cache = CACHE.with(Cell::get)?;
    // SAFETY: it was leaked by `first`, is this thread's alone, and is changed by `remember` only, which takes it away first
    // and which the caller does not let happen.
    Some(unsafe { cache.as_ref() })
}

/// Changes what this thread has looked up lately, unless that is going on already.
#[expect(unsafe_code, reason = "the thread's own memory")]
pub(crate) fn remember(change: impl FnOnce(&mut Cache)) {
    /// Puts it back, whatever happens.
    struct Taken(NonNull<Cache>);
    impl Drop for Taken {
        fn drop(&mut self) {
            CACHE.with(|cache| cache.set(Some(self.0)));
        }
    }
    let Some(cache) = CACHE.with(Cell::take) else { return };
    let mut taken = Taken(cache);
    // SAFETY: it was leaked by `first`, is this thread's alone, and nobody finds it while it is taken.
    change(unsafe { taken.0.as_mut() });
}

#[cold]
fn first() -> Option<&'static Slab> {
    // Registers the destructor; where it has run already, the thread is ending.
    OCCUPANT.try_with(|_| ()).ok()?;
    let Seat { slab, cache } = domain().pool().take()?;
    SLAB.with(|current| current.set(Some(slab)));
    let cache = cache.unwrap_or_else(|| Box::leak(Box::default()));
    CACHE.with(|current| current.set(Some(NonNull::from(cache))));
    Some(slab)
}

/// Leaves the seat to the next thread when this one ends.
struct Occupant;

impl Drop for Occupant {
    #[expect(unsafe_code, reason = "the thread's own memory")]
    fn drop(&mut self) {
        let Some(slab) = SLAB.with(Cell::take) else { return };
        let cache = CACHE.with(Cell::take);
        // SAFETY: as in `remember`; from here on it is the seat's.
        let cache = cache.map(|mut cache| unsafe { cache.as_mut() });
        domain().pool().leave(Seat { slab, cache });
    }
}

//! The slab of the current thread.

use std::cell::Cell;

use super::pool::Seat;
use super::{Slab, domain};
use crate::series::Cache;

thread_local! {
    /// Without a destructor, so that an access is a load; the seat below has it.
    static SLAB: Cell<Option<&'static Slab>> = const { Cell::new(None) };
    static CACHE: Cell<Option<&'static mut Cache>> = const { Cell::new(None) };
    static OCCUPANT: Occupant = const { Occupant };
}

/// The slab of this thread, if it has one already.
#[inline]
pub(crate) fn current() -> Option<&'static Slab> {
    SLAB.with(Cell::get)
}

/// The slab of this thread. `None` when the thread is ending, or when there is no memory for one: then the shared cells
/// are written.
pub(crate) fn attach() -> Option<&'static Slab> {
    current().or_else(first)
}

/// The slab of this thread and the series that it looked up lately; the cache is `None` in a lookup within a lookup.
#[inline]
pub(crate) fn with_seat<R>(run: impl FnOnce(&'static Slab, Option<&mut Cache>) -> R) -> Option<R> {
    let slab = attach()?;
    let cache = CACHE.with(Cell::take);
    let mut lent = Lent(cache);
    Some(run(slab, lent.0.as_deref_mut()))
}

#[cold]
fn first() -> Option<&'static Slab> {
    // Registers the destructor; where it has run already, the thread is ending.
    OCCUPANT.try_with(|_| ()).ok()?;
    let Seat { slab, cache } = domain().pool().take()?;
    SLAB.with(|current| current.set(Some(slab)));
    CACHE.with(|current| current.set(Some(cache.unwrap_or_else(|| Box::leak(Box::default())))));
    Some(slab)
}

/// The cache, taken out of its place and put back on drop.
struct Lent(Option<&'static mut Cache>);

impl Drop for Lent {
    #[inline]
    fn drop(&mut self) {
        if let Some(cache) = self.0.take() {
            CACHE.with(|current| current.set(Some(cache)));
        }
    }
}

/// Leaves the seat to the next thread when this one ends.
struct Occupant;

impl Drop for Occupant {
    fn drop(&mut self) {
        if let Some(slab) = SLAB.with(Cell::take) {
            domain().pool().leave(Seat { slab, cache: CACHE.with(Cell::take) });
        }
    }
}

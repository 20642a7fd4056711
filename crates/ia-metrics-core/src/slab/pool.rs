//! All slabs, and those that wait for a thread.

use std::cell::Cell;
use std::sync::PoisonError;

use super::{Slab, memory};
use crate::series::Cache;
use crate::sync::{Mutex, RwLock};

/// All slabs there ever were: none is ever freed, as a thread that ends leaves its values in it.
pub(crate) struct Pool {
    all: RwLock<Vec<&'static Slab>>,
    idle: Mutex<Vec<Seat>>,
}

/// What a thread records with. The next thread inherits it as it is.
pub(crate) struct Seat {
    pub(crate) slab: &'static Slab,
    /// The series that the thread looked up lately.
    pub(crate) cache: Option<&'static mut Cache>,
}

#[cfg(loom)]
loom::thread_local! {
    static INSIDE: Cell<bool> = Cell::new(false);
}
#[cfg(not(loom))]
thread_local! {
    /// Whether this thread reads or adds slabs.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { all: RwLock::new(Vec::new()), idle: Mutex::new(Vec::new()) }
    }

    /// A seat that a finished thread has left, or a new one; `None` when there is no memory for one, or while this thread
    /// reads or adds slabs: it may allocate meanwhile, and the allocator record, and must not wait for itself.
    pub(super) fn take(&self) -> Option<Seat> {
        let left = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if left.is_some() || INSIDE.with(Cell::get) {
            return left;
        }
        let _inside = Inside::enter();
        let slab = memory::reserve()?;
        self.all.write().unwrap_or_else(PoisonError::into_inner).push(slab);
        Some(Seat { slab, cache: None })
    }

    /// Leaves a seat to the next thread. What was written in it happened before the next thread takes it.
    pub(super) fn leave(&self, seat: Seat) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(seat);
    }

    /// Runs `read` over all slabs.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&[&'static Slab]) -> R) -> R {
        let _inside = Inside::enter();
        read(&self.all.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reading or adding slabs; the end of it on drop.
struct Inside {
    before: bool,
}

impl Inside {
    fn enter() -> Self {
        Self { before: INSIDE.with(|inside| inside.replace(true)) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.with(|inside| inside.set(self.before));
    }
}

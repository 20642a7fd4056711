//! What is called before each snapshot.

use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::Registry;

type Callback = Arc<dyn Fn(&Registry) + Send + Sync>;

thread_local! {
    /// The registries whose callbacks run on this thread at this moment, outermost first.
    static RUNNING: RefCell<Vec<*const Callbacks>> = const { RefCell::new(Vec::new()) };
}

/// The callbacks of one registry, in the order in which they came.
#[derive(Default)]
pub(super) struct Callbacks {
    list: RwLock<Arc<[Callback]>>,
    failed: AtomicU64,
}

impl Callbacks {
    pub(super) fn add(&self, callback: impl Fn(&Registry) + Send + Sync + 'static) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        *list = list.iter().cloned().chain([Arc::new(callback) as Callback]).collect();
    }

    /// Calls each, unless one of them is what asks.
    pub(super) fn run(&self, registry: &Registry) {
        // No lock is held while they run: they may register metrics, callbacks and take snapshots.
        let list = Arc::clone(&self.list.read().unwrap_or_else(PoisonError::into_inner));
        if list.is_empty() {
            return;
        }
        let Some(_running) = Running::enter(self) else { return };
        for callback in &*list {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| callback(registry))) {
                self.failed.fetch_add(1, Ordering::Relaxed);
                // What a panic carries may panic itself as it is dropped; what that carries is let go.
                if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                    std::mem::forget(second);
                }
            }
        }
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Callbacks").field("count", &list.len()).finish_non_exhaustive()
    }
}

/// Marks that the callbacks of a registry run on this thread.
struct Running;

impl Running {
    /// `None` when they do already, or when the thread is about to end.
    fn enter(callbacks: &Callbacks) -> Option<Self> {
        RUNNING
            .try_with(|running| {
                let mut running = running.try_borrow_mut().ok()?;
                let this = std::ptr::from_ref(callbacks);
                if running.contains(&this) {
                    return None;
                }
                running.push(this);
                Some(Self)
            })
            .ok()
            .flatten()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Guards are dropped in the reverse order of their making, so the last one is this one.
        RUNNING.try_with(|running| running.borrow_mut().pop()).ok();
    }
}

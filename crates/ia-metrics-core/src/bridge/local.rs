//! The keys that a thread used last.
//!
//! A macro of the `metrics` crate asks for its handle at each call. Slots of the thread's own answer without a lock, and
//! hand out a handle whose count of references no other thread touches.

use std::cell::RefCell;
use std::sync::Arc;

use metrics::Key;

use super::handles::Bridged;
use super::keys::{Entry, same};
use crate::{Counter, Gauge, Histogram};

/// How many keys of each kind a thread remembers; a power of two.
const SLOTS: usize = 256;

/// A slot that is in use is taken over by one in so many keys that come by: where there are more keys than slots, making
/// handles would cost more than it saves.
const RELUCTANCE: u32 = 8;

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::new()) };
}

/// The slots of one thread.
pub(super) struct Local {
    pub(super) counters: Slots<Counter>,
    pub(super) gauges: Slots<Gauge<f64>>,
    pub(super) histograms: Slots<Histogram<f64>>,
}

impl Local {
    const fn new() -> Self {
        Self { counters: Slots::new(), gauges: Slots::new(), histograms: Slots::new() }
    }
}

/// The slots for keys of one kind: none before the first key.
pub(super) struct Slots<M: Bridged> {
    slots: Vec<Option<Slot<M>>>,
    refused: u32,
}

struct Slot<M: Bridged> {
    recorder: u64,
    entry: Arc<Entry<M>>,
    handle: M::Handle,
}

impl<M: Bridged> Slots<M> {
    const fn new() -> Self {
        Self { slots: Vec::new(), refused: 0 }
    }

    fn find(&self, recorder: u64, key: &Key) -> Option<M::Handle> {
        let slot = self.slots.get(at(key))?.as_ref()?;
        (slot.recorder == recorder && same(&slot.entry.key, key)).then(|| slot.handle.clone())
    }

    fn keep(&mut self, recorder: u64, entry: &Arc<Entry<M>>) -> Option<M::Handle> {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let slot = self.slots.get_mut(at(&entry.key))?;
        if slot.as_ref().is_some_and(|slot| slot.recorder == recorder) {
            self.refused = self.refused.wrapping_add(1);
            if !self.refused.is_multiple_of(RELUCTANCE) {
                return None;
            }
        }
        let handle = entry.metric.clone().handle();
        *slot = Some(Slot { recorder, entry: Arc::clone(entry), handle: handle.clone() });
        Some(handle)
    }
}

/// The handle that this thread has of the key.
pub(super) fn find<M: Bridged>(recorder: u64, key: &Key) -> Option<M::Handle> {
    let find = |local: &RefCell<Local>| {
        let mut local = local.try_borrow_mut().ok()?;
        M::slots(&mut local).find(recorder, key)
    };
    LOCAL.try_with(find).ok().flatten()
}

/// A handle of the key, remembered where that pays.
pub(super) fn keep<M: Bridged>(recorder: u64, entry: &Arc<Entry<M>>) -> M::Handle {
    let keep = |local: &RefCell<Local>| {
        let mut local = local.try_borrow_mut().ok()?;
        M::slots(&mut local).keep(recorder, entry)
    };
    LOCAL.try_with(keep).ok().flatten().unwrap_or_else(|| entry.handle.clone())
}

#[expect(clippy::cast_possible_truncation, reason = "only the lowest bits count")]
fn at(key: &Key) -> usize {
    let hash = key.get_hash();
    (hash ^ (hash >> 32)) as usize & (SLOTS - 1)
}

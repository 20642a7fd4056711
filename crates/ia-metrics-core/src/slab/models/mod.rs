//! Models of what threads do to slabs, in every order that loom can think of.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p ia-metrics-core --lib --release models`
//!
//! Readers are threads of their own: loom hardly interleaves the main thread with those it waits for.

mod handles;
mod reuse;
mod totals;

use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::model::Builder;

use super::{Domain, Slab};
use crate::series::Head;

/// The first slot of the first page that is somebody's.
const SLOT: u32 = 2;

/// Tries every order of up to `preemptions` interruptions, or of as many as `LOOM_MAX_PREEMPTIONS` says.
fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    builder.check(run);
}

fn slab() -> &'static Slab {
    Box::leak(Box::new(Slab::model()))
}

/// A domain that has so many slabs, and they.
fn domain<const N: usize>() -> (Arc<Domain>, [&'static Slab; N]) {
    let domain = Arc::new(Domain::new());
    let slabs = std::array::from_fn(|_| domain.pool().take().unwrap().slab);
    (domain, slabs)
}

/// A series with a slot.
fn warm_head() -> Arc<Head> {
    let head = Head::cold();
    head.promote(SLOT, false, false);
    Arc::new(head)
}

/// What is freed, or becomes another series, when nobody refers to it any more: loom sees who touches it at the same time.
struct Memory(UnsafeCell<()>);

#[expect(unsafe_code, reason = "loom says whether it is shared rightly")]
// SAFETY: there is nothing in it.
unsafe impl Send for Memory {}
#[expect(unsafe_code, reason = "loom says whether it is shared rightly")]
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new(())))
    }

    /// What a handle does.
    fn touch(&self) {
        self.0.with(|_| ());
    }

    /// What is done when no handle is left.
    fn free(&self) {
        self.0.with_mut(|_| ());
    }
}

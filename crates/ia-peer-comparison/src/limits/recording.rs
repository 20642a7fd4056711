//! The least that recording has to do, and the atomic instructions that most libraries use.

use std::cell::Cell;
use std::hash::{BuildHasher as _, Hasher as _};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::FixedState;

use crate::data::{Closed, Pair, Sequence, seconds};
use crate::row::Kind;
use crate::work::{Work, over, over_labels, over_with, repeat, repeat_with};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static SUM: Cell<u64> = const { Cell::new(0) };
    static CLOSED: [Cell<u64>; Closed::COUNT] = const { [const { Cell::new(0) }; Closed::COUNT] };
}

/// The address is hidden from the optimiser, or the turns of a loop would become one addition.
fn add(cell: &Cell<u64>, amount: u64) {
    let cell = black_box(cell);
    cell.set(cell.get().wrapping_add(amount));
}

/// A turn of a loop.
pub(crate) fn empty() -> Work {
    Work::new(Kind::Part, "empty loop", "one turn of a loop that keeps its turns", || {
        repeat(|| {
            black_box(());
        })
    })
}

/// One addition in memory that belongs to the thread.
pub(crate) fn counter() -> Work {
    let how = "one add to a const thread_local Cell<u64>";
    Work::new(Kind::Part, "thread-local add", how, || repeat(|| COUNT.with(|cell| add(cell, 1))))
}

/// The instruction behind most counters.
pub(crate) fn shared_counter() -> Work {
    let cell = Arc::new(AtomicU64::new(0));
    let how = "one relaxed fetch_add to a u64 that all threads share";
    Work::new(Kind::Part, "fetch_add", how, move || {
        let cell = Arc::clone(&cell);
        repeat_with(cell, |cell| {
            cell.fetch_add(1, Ordering::Relaxed);
        })
    })
}

/// Count and sum, without finding out which bucket.
pub(crate) fn histogram() -> Work {
    let values = seconds();
    let how = "a count and an integer sum in const thread_local cells; no bucket is searched";
    Work::new(Kind::Part, "two thread-local adds", how, move || {
        over_with(&values, (), |(), value| {
            COUNT.with(|cell| add(cell, 1));
            SUM.with(|cell| add(cell, value.to_bits()));
        })
    })
}

/// The same with the instruction behind most histograms.
pub(crate) fn shared_histogram() -> Work {
    let values = seconds();
    let cells = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let how = "a count and an integer sum, each one relaxed fetch_add; no bucket is searched";
    Work::new(Kind::Part, "two fetch_adds", how, move || {
        let cells = Arc::clone(&cells);
        over_with(&values, cells, |cells, value| {
            let [count, sum] = &**cells;
            count.fetch_add(1, Ordering::Relaxed);
            sum.fetch_add(value.to_bits(), Ordering::Relaxed);
        })
    })
}

/// Hashing both strings: what every look-up by their content begins with.
pub(crate) fn labels(sequence: &Arc<Sequence>) -> Work {
    let sequence = Arc::clone(sequence);
    let how = "foldhash of the two strings of the same sequence, nothing looked up";
    Work::new(Kind::Part, "foldhash of both strings", how, move || {
        let hasher = FixedState::default();
        over_labels(&sequence, move |Pair { route, method }| {
            let mut state = black_box(&hasher).build_hasher();
            state.write(route.as_bytes());
            state.write(method.as_bytes());
            black_box(state.finish());
        })
    })
}

/// Two enums as an index, and one addition.
pub(crate) fn closed_labels() -> Work {
    let sequence = Closed::sequence();
    let how = "two enums as the index of a const thread_local array, one add";
    Work::new(Kind::Part, "enum index and thread-local add", how, move || {
        over(&sequence, |labels| CLOSED.with(|cells| add(&cells[labels.index()], 1)))
    })
}

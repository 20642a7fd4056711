//! Counts what a step that does nothing allocates, for each subject: prints JSON of subject, allocations, bytes.
//!
//! A program of its own, as the allocator is everybody's and would change what is timed.

#![expect(clippy::print_stdout, reason = "its output is read by a program")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ia_overhead_comparison::{ALL, Job, STEPS, WARM, runtime};
use serde_json::{Map, Value, json};

/// Runs that are counted.
const RUNS: u32 = 2_000;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
struct Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe by nature")]
// SAFETY: it is the system's allocator, which is one.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // As a thread ends there is nobody left to count for.
        ALLOCATIONS.try_with(|count| count.set(count.get() + 1)).ok();
        BYTES.try_with(|bytes| bytes.set(bytes.get() + layout.size() as u64)).ok();
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let runtime = runtime();
    let counts: Map<String, Value> = ALL
        .iter()
        .map(|subject| {
            let runner = subject.make();
            runner.prepare();
            runtime.block_on(runner.runs(Job::none(), WARM));
            runner.tidy();
            let before = (ALLOCATIONS.get(), BYTES.get());
            runtime.block_on(runner.runs(Job::none(), RUNS));
            let after = (ALLOCATIONS.get(), BYTES.get());
            let per_step = |before, after| (after - before) as f64 / f64::from(RUNS * STEPS);
            let counts = json!({
                "allocations": per_step(before.0, after.0),
                "bytes": per_step(before.1, after.1),
            });
            (subject.name.to_owned(), counts)
        })
        .collect();
    println!("{}", Value::Object(counts));
}

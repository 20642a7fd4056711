//! What the costs are compared with: two looks at the clock, and an empty call.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use ia_bench_machine::{cpus, pin};

use crate::statistics::median;

/// In nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The clock read twice: nobody can tell how long a step took with less.
    pub(crate) two_clock_reads: f64,
    /// A call of a function that does nothing.
    pub(crate) empty_call: f64,
}

impl Limits {
    /// A look at both, of some milliseconds.
    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    pub(crate) fn look() -> Self {
        let measured = thread::spawn(|| {
            pin(cpus().first().copied().unwrap_or_default());
            Self {
                two_clock_reads: each(|| {
                    black_box(Instant::now());
                    black_box(Instant::now());
                }),
                empty_call: each(|| empty(black_box(1))),
            }
        });
        measured.join().expect("a look at the clock does not panic")
    }

    /// The medians of looks that were taken between the sittings in which steps are measured: a machine that is slow for a
    /// while is slow for both.
    pub(crate) fn of(looks: &[Self]) -> Self {
        let of = |value: fn(&Self) -> f64| median(&mut looks.iter().map(value).collect::<Vec<_>>());
        Self {
            two_clock_reads: of(|look| look.two_clock_reads),
            empty_call: of(|look| look.empty_call),
        }
    }
}

#[inline(never)]
fn empty(value: u64) {
    black_box(value);
}

/// The median of some loops.
#[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
fn each(mut operation: impl FnMut()) -> f64 {
    const TURNS: u32 = 1_000;
    let mut took = || {
        let start = Instant::now();
        for _ in 0..TURNS {
            operation();
        }
        start.elapsed().as_nanos() as f64 / f64::from(TURNS)
    };
    median(&mut (0..50).map(|_| took()).collect::<Vec<_>>())
}

//! How long a recording takes at worst.

use hdrhistogram::Histogram;

use super::clock;
use crate::work::Loop;

/// Recordings between two looks at the clock, to see stalls. One look costs more than ten of the fastest recordings, so
/// single ones cannot be timed; in a batch of this size a stall of some tens of nanoseconds still shows.
const FEW: u32 = 16;
/// The same for the median: the clock of some machines has steps of 10 ns, in which a short batch drowns.
const MANY: u32 = 1_024;

/// How long one recording takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stalls {
    pub(crate) p50: f64,
    /// One recording in 10,000 takes longer.
    pub(crate) p9999: f64,
}

/// Runs `work` in batches for `ns` nanoseconds.
///
/// The median is that of large batches, divided by their size. For the slow ones, a small batch is taken to hold one slow
/// recording and to be ordinary otherwise: what the batch at 1 - 16/10,000 takes over the median batch is what the
/// recording at 1 - 1/10,000 takes over the median. Where several recordings of a batch were slow, that says too much,
/// never too little.
pub(crate) fn stalls(work: &mut Loop, ns: u64) -> Stalls {
    let p50 = batches(work, MANY, ns / 4).value_at_quantile(0.5) as f64 / f64::from(MANY);
    let few = batches(work, FEW, ns);
    let slow = few.value_at_quantile(1.0 - f64::from(FEW) / 10_000.0);
    let excess = slow.saturating_sub(few.value_at_quantile(0.5));
    Stalls { p50, p9999: p50 + excess as f64 }
}

fn batches(work: &mut Loop, size: u32, ns: u64) -> Histogram<u64> {
    let mut batches = Histogram::new_with_bounds(1, 60_000_000_000, 3)
        .expect("the bounds of this histogram are valid");
    let until = clock::now() + ns;
    loop {
        let start = clock::now();
        work(size);
        let end = clock::now();
        batches.saturating_record(end - start);
        if end >= until {
            return batches;
        }
    }
}

//! Runs a loop in chunks and notes when each began and ended.

use super::clock;
use crate::work::Loop;
use ia_bench_machine as os;

/// Short enough that many chunks see no interruption, long enough that the clock costs nothing.
const CHUNK_NS: u64 = 60_000;

/// A stretch of turns of a loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) turns: u32,
    /// Whether the thread lost its processor to another one in between.
    pub(crate) preempted: bool,
    /// Whether the thread had to wait in between: for a lock of the subject, there is nothing else.
    pub(crate) blocked: bool,
}

impl Chunk {
    pub(crate) fn ns(&self) -> f64 {
        (self.end - self.start) as f64 / self.turns()
    }

    pub(crate) fn turns(&self) -> f64 {
        f64::from(self.turns)
    }
}

/// Runs `work` for about `budget` nanoseconds.
pub(crate) fn run(work: &mut Loop, budget: u64) -> Vec<Chunk> {
    let until = clock::now() + budget;
    let turns = turns(work);
    let mut chunks = Vec::with_capacity(usize::try_from(2 * budget / CHUNK_NS).unwrap_or(0) + 8);
    let mut before = os::switches();
    loop {
        let start = clock::now();
        work(turns);
        let end = clock::now();
        let after = os::switches();
        chunks.push(Chunk {
            start,
            end,
            turns,
            preempted: after.preempted != before.preempted,
            blocked: after.blocked != before.blocked,
        });
        before = after;
        if end >= until {
            return chunks;
        }
    }
}

/// How many turns make a chunk; finding out warms the caches up, too.
fn turns(work: &mut Loop) -> u32 {
    let mut turns = 16_u32;
    loop {
        let start = clock::now();
        work(turns);
        let took = (clock::now() - start).max(1);
        if took >= CHUNK_NS / 2 || turns >= u32::MAX / 4 {
            let scaled = u64::from(turns) * CHUNK_NS / took;
            return u32::try_from(scaled).unwrap_or(u32::MAX).max(1);
        }
        turns *= 2;
    }
}

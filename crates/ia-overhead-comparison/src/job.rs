//! What a step does: a fixed number of turns of integer arithmetic, and no look at a clock.

use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The steps of the chain.
pub const STEPS: u32 = 10;

/// What flows from step to step.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Job {
    turns: u32,
    value: u64,
}

/// No step fails, but the compiler does not know that.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refused;

/// How fast this machine turns.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Calibration {
    /// What a turn takes.
    pub ns_per_turn: f64,
}

/// Does a job's turns: each needs the result of the one before, so their number decides the time.
#[inline(never)]
pub(crate) fn work(mut job: Job) -> Result<Job, Refused> {
    for _ in 0..job.turns {
        job.value = (job.value ^ (job.value >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    if black_box(job.value) == u64::MAX { Err(Refused) } else { Ok(job) }
}

impl Calibration {
    /// Times the turns: the fastest of many tries, as nothing makes a loop faster than it is.
    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    #[must_use]
    pub fn new() -> Self {
        const TURNS: u32 = 20_000;
        let took = |_| {
            let start = Instant::now();
            black_box(work(black_box(Job { turns: TURNS, value: 1 })).is_ok());
            start.elapsed().as_nanos() as f64 / f64::from(TURNS)
        };
        Self { ns_per_turn: (0..2_000).map(took).fold(f64::INFINITY, f64::min) }
    }

    /// A job with which each step takes so long; none at all does no turn.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float stops at the ends of the range"
    )]
    #[must_use]
    pub fn job(self, step: Duration) -> Job {
        Job { turns: (step.as_nanos() as f64 / self.ns_per_turn).round() as u32, value: 1 }
    }
}

impl Default for Calibration {
    fn default() -> Self {
        Self::new()
    }
}

impl Job {
    /// A job of no work.
    #[must_use]
    pub const fn none() -> Self {
        Self { turns: 0, value: 1 }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl Error for Refused {}

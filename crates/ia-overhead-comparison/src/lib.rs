//! What is run and compared: a chain of ten steps with the same work, instrumented in several ways or not at all.
//!
//! A library of its own, as two programs run it: `ia-overhead-comparison` times it, with the allocator that programs have,
//! and `ia-overhead-allocations` counts what it allocates, with an allocator that would change the times.
//!
//! "Compiled out" is `ia-pipeline-uninstrumented`: the source of `ia-pipeline`, built a second time under another name with
//! a cfg that turns everything that records into nothing. So both are in one process, and can take turns.

#![expect(
    clippy::expect_used,
    reason = "a comparison that cannot be set up has nothing to report, and says where it stopped"
)]

mod job;
mod runner;
mod subjects;

pub use self::job::{Calibration, Job, Refused, STEPS};
pub use self::runner::{Runner, WARM, runtime};
pub use self::subjects::{ALL, Baseline, Kind, Subject, find};

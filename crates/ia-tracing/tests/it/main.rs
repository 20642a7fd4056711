//! What users of the crate may rely on, one behaviour per test.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod clock;
mod concurrency;
mod context;
mod ending;
mod errors;
mod events;
mod futures;
mod global;
mod ids;
mod limits;
mod memory;
mod parents;
mod simple_tracer;
mod sinks;
#[cfg(feature = "tokio")]
mod spawn;
mod status;
mod support;
mod switch;
mod tree;
mod values;
mod waterfall;

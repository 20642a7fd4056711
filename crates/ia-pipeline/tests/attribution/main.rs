//! CPU time and memory by pipeline, in a process with a tracking allocator. What needs a process to itself runs in a child: this
//! same program, with the one test that [`child`] is.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that unwraps or panics fails where it should"
)]
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]
#![expect(clippy::print_stdout, reason = "a child answers, and the figures are worth reading")]
#![cfg(target_os = "linux")]

mod child;
mod cpu;
mod crowd;
mod dhat;
mod memory;
mod nested;
mod work;

ia_pipeline::tracking_allocator!();

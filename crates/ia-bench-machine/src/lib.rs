//! What the figures of the comparisons are measured on: the machine, and what its operating system is asked.
//!
//! Elsewhere than on Linux nothing is pinned, wall-clock time stands in for processor time, and memory is unknown. The
//! figures to quote come from Linux.

mod machine;
mod os;

pub use self::machine::Machine;
pub use self::os::{Switches, cpus, pin, resident_bytes, switches, thread_cpu};

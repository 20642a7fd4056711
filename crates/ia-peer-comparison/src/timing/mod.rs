//! How things are timed.
//!
//! - Recording, one thread: loops of about 60 µs, of which the fastest counts. What disturbs makes a loop longer, never
//!   shorter.
//! - Recording, several threads (`overlap`): each on a processor of its own, and the median over the loops that ran
//!   undisturbed while undisturbed loops of all others ran. A minimum would report the moments without contention. Where
//!   threads have to wait for each other, the mean.
//! - Scraping and creating (`cpu`): processor time of the thread, the best of several.
//! - Stalls (`stalls`): small batches, of which the slow ones are kept too.

mod chunks;
mod clock;
mod cpu;
mod overlap;
mod recording;
mod stalls;

pub(crate) use self::cpu::cpu_ns;
pub(crate) use self::recording::{Budget, recording};
pub(crate) use self::stalls::{Stalls, stalls};

//! Work of known amounts.

use std::hint::black_box;
use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// CPU time of this process as the operating system tells it.
pub(crate) fn process_cpu() -> Duration {
    total(&getrusage(UsageWho::RUSAGE_SELF).unwrap())
}

fn thread_cpu() -> Duration {
    total(&getrusage(UsageWho::RUSAGE_THREAD).unwrap())
}

fn total(usage: &Usage) -> Duration {
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.unsigned_abs())
}

/// Works for about so long, whatever else the machine does.
#[derive(Clone, Copy)]
pub(crate) struct Burner {
    rounds_per_micro: f64,
}

impl Burner {
    /// One that does nothing.
    pub(crate) const IDLE: Self = Self { rounds_per_micro: 0.0 };

    pub(crate) fn calibrated() -> Self {
        const ROUNDS: u32 = 2_000_000;
        let before = thread_cpu();
        rounds(u64::from(ROUNDS));
        let micros = thread_cpu().saturating_sub(before).as_secs_f64() * 1e6;
        Self { rounds_per_micro: f64::from(ROUNDS) / micros }
    }

    pub(crate) fn micros(self, micros: u32) {
        let wanted = Duration::from_secs_f64(f64::from(micros) * self.rounds_per_micro);
        rounds(wanted.as_secs());
    }
}

pub(crate) fn rounds(rounds: u64) {
    let mut x = 1_u64;
    for round in 0..rounds {
        x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round));
    }
    black_box(x);
}

//! Estimates CPU time from polls of which only some were measured.
//!
//! The CPU clock takes up to a microsecond to read, so it is read around some polls only; how long each poll took is known
//! of all. What a poll took and what of it was CPU time differ where the thread blocks, or has to leave the processor to
//! others. Three things keep the estimate close:
//!
//! - **Long polls are measured more often.** Moments are drawn from the expected work, by chance (a Poisson process), one for
//!   each [`PERIOD`], and a poll that holds one is measured: so the readings cost the same share of any work, whatever it is cut
//!   into, no rhythm of the work escapes them, and the probability of each poll is known.
//! - **A poll that took long, unexpectedly, is measured afterwards.** The thread's CPU clock stands still while the thread
//!   does, so what it has advanced by since it was last read bounds what the poll can have used. A short poll that was
//!   interrupted for milliseconds on a loaded machine is one of these: rare, and too heavy to leave to chance.
//! - **The rest is estimated within strata**: polls of about the same length are alike, so what the measured ones of a
//!   stratum used of their time is what the others used too. Within a stratum a measured poll stands for as many others as
//!   its probability says. One that was certain to be measured, or would have been measured afterwards, stands for itself
//!   alone, as there are no others like it.
//!
//! Compared on recorded polls of 1 s of CPU time, each drawn 200 times, as the root mean square of the error, on two cores,
//! with none, two and four threads of other work beside, in five mixtures: 50 µs with 2 % of 10 ms; the same where the long
//! ones are known beforehand; 5 to 25 µs; 300 to 700 µs; 50 µs of which 10 % sleep for 300 µs.
//!
//! - This: at most 1.1 % while the thread got a third of a core or more, up to 4.4 % where it got less.
//! - Without measuring afterwards: up to 61 %.
//! - One ratio of CPU time to time for all polls: up to 21 % weighted by their length, 18 % by their probabilities.
//! - CPU time over probability, without the time that polls took (Horvitz-Thompson): up to 40 %, also on a quiet machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::cell::add;

/// Nanoseconds of expected work for each poll that is measured.
pub(super) const PERIOD: u64 = 2_000_000;
/// What a poll counts for at least, so that those that do nothing are measured now and then.
const LEAST_EXPECTED: u64 = PERIOD / 1_024;
/// A poll that took so many nanoseconds is measured afterwards.
const LONG: u64 = 1_000_000;
/// So is one that took so many, where that is several times what was expected.
const SURPRISING: u64 = 200_000;

pub(super) const STRATA: usize = 6;

/// Nanoseconds that polls took, by stratum.
pub(super) type Walls = [u64; STRATA];

/// What one thread knows of the polls of one account. Times are in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct CpuCell {
    /// Expected work until the next moment at which a poll is measured; 0 where that is not drawn yet.
    left: AtomicU64,
    /// CPU time that is known.
    known: AtomicU64,
    /// How long the polls took whose CPU time is known.
    known_wall: AtomicU64,
    /// How long the polls took whose CPU time is only bounded.
    bounded_wall: AtomicU64,
    strata: [Stratum; STRATA],
}

#[derive(Debug, Default)]
struct Stratum {
    /// How long polls took that were not measured.
    wall: AtomicU64,
    /// How long measured ones took, each as often as there are others that it stands for.
    sample_wall: AtomicU64,
    /// And their CPU time.
    sample_cpu: AtomicU64,
}

/// The totals of several cells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CpuTotals {
    known: u64,
    known_wall: u64,
    bounded_wall: u64,
    strata: [StratumTotals; STRATA],
}

#[derive(Clone, Copy, Debug, Default)]
struct StratumTotals {
    wall: u64,
    sample_wall: u64,
    sample_cpu: u64,
}

impl CpuCell {
    /// Whether the next poll, of which so many nanoseconds are expected, is to be measured.
    #[inline]
    pub(super) fn is_due(&self, expected: u64) -> bool {
        if expected >= PERIOD {
            return true;
        }
        let left = match self.left.load(Ordering::Relaxed) {
            0 => next_moment(),
            left => left,
        };
        let left = left.saturating_sub(expected.max(LEAST_EXPECTED));
        self.left.store(left, Ordering::Relaxed);
        left == 0
    }

    /// A poll that took so long was not measured; its stratum.
    #[inline]
    pub(super) fn unmeasured(&self, wall: u64) -> usize {
        let stratum = stratum(wall);
        add(&self.strata[stratum].wall, wall);
        stratum
    }

    /// What of the time of such polls was CPU time, as far as this thread knows.
    pub(super) fn expected_cpu(&self, walls: &Walls) -> u64 {
        let of_stratum = |(stratum, wall): (&Stratum, &u64)| {
            let sample = stratum.sample_wall.load(Ordering::Relaxed);
            let cpu = stratum.sample_cpu.load(Ordering::Relaxed);
            if sample == 0 { *wall } else { part(*wall, cpu, sample) }
        };
        self.strata.iter().zip(walls).map(of_stratum).sum()
    }

    /// A poll was measured. `expected` says how likely that was; without it the poll stands for itself alone.
    pub(super) fn measured(&self, wall: u64, cpu: u64, expected: Option<u64>) {
        add(&self.known, cpu);
        add(&self.known_wall, wall);
        let Some(expected) = expected.filter(|expected| *expected < PERIOD) else { return };
        // One that did nothing but was interrupted would stand for a thousand, and outweigh all others of that length.
        let expected = expected.max(wall / 4);
        // Of an exponential distribution: one in 1 / (1 - exp(-x)) was measured, and stands for the others.
        let others = 1.0 / (expected.max(LEAST_EXPECTED) as f64 / PERIOD as f64).exp_m1();
        let standing_for_others = |time| times(time, others);
        let stratum = &self.strata[stratum(wall)];
        add(&stratum.sample_wall, standing_for_others(wall));
        add(&stratum.sample_cpu, standing_for_others(cpu));
    }

    /// The CPU time of a poll can only be bounded.
    pub(super) fn bounded(&self, wall: u64, cpu: u64) {
        add(&self.known, cpu);
        add(&self.bounded_wall, wall);
    }
}

impl CpuTotals {
    pub(super) fn add(&mut self, cell: &CpuCell) {
        let get = |total: &AtomicU64| total.load(Ordering::Relaxed);
        self.known = self.known.wrapping_add(get(&cell.known));
        self.known_wall = self.known_wall.wrapping_add(get(&cell.known_wall));
        self.bounded_wall = self.bounded_wall.wrapping_add(get(&cell.bounded_wall));
        for (totals, stratum) in self.strata.iter_mut().zip(&cell.strata) {
            totals.wall = totals.wall.wrapping_add(get(&stratum.wall));
            totals.sample_wall = totals.sample_wall.wrapping_add(get(&stratum.sample_wall));
            totals.sample_cpu = totals.sample_cpu.wrapping_add(get(&stratum.sample_cpu));
        }
    }

    /// What was added since.
    pub(super) fn since(&self, base: &Self) -> Self {
        let mut strata = self.strata;
        for (stratum, base) in strata.iter_mut().zip(&base.strata) {
            stratum.wall = stratum.wall.wrapping_sub(base.wall);
            stratum.sample_wall = stratum.sample_wall.wrapping_sub(base.sample_wall);
            stratum.sample_cpu = stratum.sample_cpu.wrapping_sub(base.sample_cpu);
        }
        Self {
            known: self.known.wrapping_sub(base.known),
            known_wall: self.known_wall.wrapping_sub(base.known_wall),
            bounded_wall: self.bounded_wall.wrapping_sub(base.bounded_wall),
            strata,
        }
    }

    /// Nanoseconds of CPU time, as far as can be told.
    pub(super) fn estimate(&self) -> u64 {
        let sampled = self.strata.iter().fold((0_u64, 0_u64), |(cpu, wall), stratum| {
            (cpu.saturating_add(stratum.sample_cpu), wall.saturating_add(stratum.sample_wall))
        });
        let of_stratum = |stratum: &StratumTotals| match (stratum.sample_wall, sampled.1) {
            // Nothing was measured, so it is taken for work.
            (0, 0) => stratum.wall,
            (0, _) => part(stratum.wall, sampled.0, sampled.1),
            (wall, _) => part(stratum.wall, stratum.sample_cpu, wall),
        };
        self.strata.iter().map(of_stratum).fold(self.known, u64::saturating_add)
    }

    /// The part of the polls' time whose CPU time is known, from 0 to 1.
    pub(super) fn coverage(&self) -> f64 {
        let known = self.known_wall.saturating_add(self.bounded_wall);
        let all = self.strata.iter().fold(known, |sum, stratum| sum.saturating_add(stratum.wall));
        if all == 0 { 1.0 } else { self.known_wall as f64 / all as f64 }
    }
}

/// Whether a poll that was not measured is measured afterwards.
#[inline]
pub(super) fn is_late(wall: u64, expected: u64) -> bool {
    wall >= SURPRISING && (wall >= LONG || wall / 4 >= expected)
}

/// Below 4, 16, 64, 256 and 1,024 µs, and above.
#[inline]
fn stratum(wall: u64) -> usize {
    let micros = wall / 1_000;
    match micros {
        0..4 => 0,
        4..16 => 1,
        16..64 => 2,
        64..256 => 3,
        256..1_024 => 4,
        _ => 5,
    }
}

/// Expected work between two moments, by chance.
#[cold]
fn next_moment() -> u64 {
    times(PERIOD, -(1.0 - fastrand::f64()).ln()).max(1)
}

/// Nanoseconds times a small factor.
fn times(nanos: u64, factor: f64) -> u64 {
    u64::try_from(Duration::from_nanos(nanos).mul_f64(factor).as_nanos()).unwrap_or(u64::MAX)
}

/// `whole` times `a` over `b`.
fn part(whole: u64, a: u64, b: u64) -> u64 {
    let part = u128::from(whole) * u128::from(a) / u128::from(b.max(1));
    u64::try_from(part).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{CpuCell, CpuTotals, PERIOD};

    fn totals(cell: &CpuCell) -> CpuTotals {
        let mut totals = CpuTotals::default();
        totals.add(cell);
        totals
    }

    #[test]
    fn what_was_measured_for_certain_is_known_exactly() {
        let cell = CpuCell::default();
        cell.measured(10_000, 7_000, None);
        cell.measured(PERIOD * 3, PERIOD, Some(PERIOD * 3));
        assert_eq!(totals(&cell).estimate(), 7_000 + PERIOD);
        assert!((totals(&cell).coverage() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_nobody_measured_is_taken_for_work() {
        let cell = CpuCell::default();
        cell.unmeasured(10_000);
        assert_eq!(totals(&cell).estimate(), 10_000);
        assert!(totals(&cell).coverage().abs() < 1e-9);
    }

    #[test]
    fn those_that_were_not_measured_are_like_those_of_their_length_that_were() {
        let cell = CpuCell::default();
        // Short ones work half of their time, long ones a tenth.
        cell.measured(10_000, 5_000, Some(10_000));
        cell.measured(200_000, 20_000, Some(10_000));
        cell.unmeasured(12_000);
        cell.unmeasured(100_000);
        assert!(totals(&cell).estimate().abs_diff(5_000 + 20_000 + 6_000 + 10_000) <= 2);
    }

    #[test]
    fn one_that_was_unlikely_to_be_measured_stands_for_more_than_one_that_was_likely() {
        let cell = CpuCell::default();
        cell.measured(100_000, 100_000, Some(PERIOD / 50));
        cell.measured(100_000, 0, Some(PERIOD / 5));
        cell.unmeasured(11_000_000);
        // About 49.5 and 4.5 others.
        let estimate = totals(&cell).estimate() as f64 - 1e5;
        assert!((estimate / 11e6 - 49.5 / 54.0).abs() < 0.001, "{estimate}");
    }

    #[test]
    fn one_that_took_far_longer_than_expected_does_not_outweigh_all_others() {
        let cell = CpuCell::default();
        (0..25).for_each(|_| cell.measured(60_000, 60_000, Some(60_000)));
        // It was to do nothing, and was interrupted.
        cell.measured(60_000, 0, Some(0));
        cell.unmeasured(50_000_000);
        let estimate = totals(&cell).estimate() as f64 - 1.5e6;
        assert!(estimate > 0.85 * 50e6, "{estimate}");
    }

    #[test]
    fn about_one_poll_is_measured_for_each_period_of_expected_work() {
        let cell = CpuCell::default();
        for expected in [PERIOD / 10_000, PERIOD / 100, PERIOD / 20] {
            let polls = 2_000 * PERIOD / expected.max(PERIOD / 1_024);
            let measured = (0..polls).filter(|_| cell.is_due(expected)).count();
            assert!((1_700..2_300).contains(&measured), "{measured}");
        }
    }

    #[test]
    fn long_ones_are_always_measured() {
        let cell = CpuCell::default();
        assert!((0..100).all(|_| cell.is_due(PERIOD)));
    }

    #[test]
    fn each_of_two_alternating_polls_is_measured_as_often_as_its_probability_says() {
        let cell = CpuCell::default();
        // Together they are a whole period: at even distances, one of them would always be met.
        let (long, short) = (PERIOD - PERIOD / 20, PERIOD / 20);
        let (mut long_ones, mut short_ones) = (0.0, 0.0);
        for _ in 0..100_000 {
            long_ones += f64::from(u8::from(cell.is_due(long)));
            short_ones += f64::from(u8::from(cell.is_due(short)));
        }
        let probability = |expected: f64| 1.0 - (-expected).exp();
        assert!((long_ones / 1e5 - probability(0.95)).abs() < 0.01, "{long_ones}");
        assert!((short_ones / 1e5 - probability(0.05)).abs() < 0.005, "{short_ones}");
    }

    #[test]
    fn what_an_earlier_account_left_in_the_cell_does_not_count() {
        let cell = CpuCell::default();
        cell.measured(10_000, 5_000, Some(10_000));
        cell.unmeasured(8_000);
        let base = totals(&cell);
        cell.unmeasured(10_000);
        assert_eq!(totals(&cell).since(&base).estimate(), 10_000);
    }
}

//! Which floats a table of bins covers, and how finely.

use super::SHARED;

/// How many bins there are: 2 KiB. Only the bins between the first and the last bound are ever touched.
pub(super) const BINS: usize = 256;

/// The coarsest bins are octaves: one bin for each exponent.
const OCTAVE: u32 = f64::MANTISSA_DIGITS - 1;

/// A range of bins. A bin holds the `2^shift` floats whose bits agree from bit `shift` on.
///
/// The bits of floats that are not negative are ordered like the floats, so they serve as keys. Everything below the
/// range counts into its first bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    shift: u32,
    first: u64,
    last: u64,
}

impl Window {
    /// The window in which the fewest bounds share bins; among equals the one with the fewest bins.
    pub(super) fn new(bounds: &[f64]) -> Self {
        let keys: Vec<u64> = bounds.iter().copied().map(key).collect();
        (0..=OCTAVE)
            .rev()
            .map(|shift| Self::with_shift(bounds, shift))
            .min_by_key(|window| window.cost(&keys))
            .unwrap_or_else(|| Self::with_shift(bounds, OCTAVE))
    }

    fn with_shift(bounds: &[f64], shift: u32) -> Self {
        let not_positive = bounds.partition_point(|bound| *bound <= 0.0);
        let (Some(lowest), Some(highest)) = (bounds.get(not_positive), bounds.last()) else {
            // No positive bound: any one bin will do.
            let bin = 1.0_f64.to_bits() >> shift;
            return Self { shift, first: bin, last: bin };
        };
        // Bounds that are not positive are searched for; the bin for that should not be one of positive bounds.
        let spare = u64::from(not_positive > 0);
        let last = key(highest.next_up()) >> shift;
        let first = (key(*lowest) >> shift).saturating_sub(spare);
        Self { shift, first: first.max(last.saturating_sub(BINS as u64 - 1)), last }
    }

    /// How many comparisons values take that fall beside the bounds, one beside each.
    fn cost(&self, keys: &[u64]) -> u32 {
        keys.chunk_by(|a, b| self.bin(*a) == self.bin(*b))
            .filter(|bounds| !self.is_told_by_one_addition(bounds))
            .map(|bounds| (1..).zip(bounds).map(|(nth, _): (u32, _)| nth.ilog2() + 1).sum::<u32>())
            .sum()
    }

    fn bin(&self, key: u64) -> u64 {
        (key >> self.shift).max(self.first)
    }

    /// Whether a bin with these bounds needs no search.
    fn is_told_by_one_addition(&self, bounds: &[u64]) -> bool {
        match bounds {
            [] => true,
            // The key 0 is that of all bounds that are not positive.
            [bound] => *bound > 0 && bound >> self.shift >= self.first,
            _ => false,
        }
    }

    /// The lowest and the highest number that have their own bins; those beyond count as these.
    pub(super) fn ends(&self, bounds: &[f64]) -> (f64, f64) {
        let low = f64::from_bits(self.first << self.shift);
        (low, bounds.last().map_or(low, |last| last.next_up().max(low)))
    }

    pub(super) fn shift(&self) -> u32 {
        self.shift
    }

    /// For each bin the number that, when a key of the bin is added and the sum is shifted right, leaves the number of
    /// bounds below the key.
    ///
    /// It is that of the bounds below the bin, shifted left, and what the bin's bound lacks to a carry: only keys above
    /// the bound carry. A sum from [`SHARED`] on is where to search instead.
    pub(super) fn entries(&self, bounds: &[f64]) -> Box<[u64; BINS]> {
        let keys: Vec<u64> = bounds.iter().copied().map(key).collect();
        let mut entries = Box::new([0; BINS]);
        for bin in self.first..=self.last {
            let start = keys.partition_point(|key| self.bin(*key) < bin);
            let end = keys.partition_point(|key| self.bin(*key) <= bin);
            let inside = keys.get(start..end).unwrap_or_default();
            let never = ((bin + 1) << self.shift).wrapping_sub(1);
            let (below, bound) = match inside {
                [bound] if self.is_told_by_one_addition(inside) => (start, *bound),
                [] => (start, never),
                _ => (SHARED + start, never),
            };
            let carry = (1 << self.shift) - 1;
            entries[slot(bin)] =
                ((below as u64) << self.shift).wrapping_add(carry).wrapping_sub(bound);
        }
        entries
    }
}

/// Where a bin's entry lies: a window is never longer than the table, so no two bins meet.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the remainder is the same")]
pub(super) fn slot(bin: u64) -> usize {
    bin as usize % BINS
}

/// Ordered like the numbers from zero on; zero for those that are not positive.
fn key(bound: f64) -> u64 {
    bound.max(0.0).to_bits()
}

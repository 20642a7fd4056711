//! The bucket of a float.

use super::table::{BINS, FLOAT};
use super::{Cell, ExponentialBuckets, ExponentialScale};

/// Binary digits of a float's bits below those that count buckets of scale 0.
const DIGITS: u32 = f64::MANTISSA_DIGITS - 1;

/// The exponent of the first and the last bound that has cells.
const REACH: u64 = 128;

/// Finds the exponential bucket of a float, exactly: bounds are compared as the irrational numbers they are.
///
/// One table of the finest scale serves all of them: its sum counts buckets of scale 8, and shifting it further counts
/// those of a coarser scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloatIndex {
    scale: ExponentialScale,
    shift: u32,
    /// The shifted sum of a value just above 1.
    one: u64,
    /// The shifted sum of [`Self::ZERO_THRESHOLD`], which belongs to the bucket before the first one.
    zero: u64,
    /// One more than there are buckets of one sign.
    side: u64,
}

impl FloatIndex {
    /// The largest magnitude that counts as zero: 2^-128.
    pub(crate) const ZERO_THRESHOLD: f64 = f64::from_bits((1023 - REACH) << DIGITS);

    /// The largest magnitude that is not counted as a smaller one: 2^128.
    const MOST: f64 = f64::from_bits((1023 + REACH) << DIGITS);

    pub(crate) fn new(scale: ExponentialScale) -> Self {
        let shift = DIGITS - 8 + ExponentialScale::MAX.above(scale);
        // The exponent of 1 is 1023, and the table adds one.
        let one = (1024 << DIGITS) >> shift;
        let half = (REACH << DIGITS) >> shift;
        Self { scale, shift, one, zero: one - half - 1, side: 2 * half + 1 }
    }

    /// The index `i` of the bucket `(base^i, base^(i+1)]` that holds a normal, positive, finite value.
    #[cfg(test)]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^20 buckets")]
    pub(crate) fn index(self, magnitude: f64) -> i32 {
        self.number(magnitude) as i32 - self.one as i32
    }

    /// How many cells a recorder needs: zero and the positive buckets up to 2^128, then the same for negative values.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^18 cells")]
    pub(crate) fn cells(self) -> usize {
        (self.side * 2) as usize
    }

    /// The cell that counts a finite value. Magnitudes up to 2^-128 count as zero, those above 2^128 as 2^128.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^18 cells")]
    pub(crate) fn cell(self, value: f64) -> usize {
        // Two instructions, where `clamp` checks its ends and `max` and `min` look for NaN.
        let magnitude = value.abs();
        let magnitude =
            if magnitude > Self::ZERO_THRESHOLD { magnitude } else { Self::ZERO_THRESHOLD };
        let magnitude = if magnitude < Self::MOST { magnitude } else { Self::MOST };
        let cell = self.number(magnitude) - self.zero;
        let negative = (value.to_bits().cast_signed() >> 63).cast_unsigned();
        (cell + (self.side & negative)) as usize
    }

    /// The bucket of a cell.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^18 cells")]
    pub(crate) fn decode(self, cell: usize) -> Cell {
        let (side, nth) = (cell as u64 / self.side, cell as u64 % self.side);
        let index = (nth + self.zero) as i32 - self.one as i32;
        match (nth, side) {
            (0, _) => Cell::Zero,
            (_, 0) => Cell::Positive(index),
            _ => Cell::Negative(index),
        }
    }

    /// The buckets that the counts of all cells make.
    pub(crate) fn buckets(self, counts: &[u64]) -> ExponentialBuckets {
        let cells = (0..).map(|cell| self.decode(cell)).zip(counts.iter().copied());
        ExponentialBuckets::from_cells(self.scale, Self::ZERO_THRESHOLD, cells)
    }

    /// Counts buckets from `2^-1024`.
    #[inline]
    fn number(self, magnitude: f64) -> u64 {
        let bits = magnitude.to_bits();
        let bin = (bits >> (DIGITS - 9)) as usize % BINS;
        bits.wrapping_add(FLOAT.entries[bin]) >> self.shift
    }
}

//! The bucket of an integer.

use super::table::{BINS, MICRO, MILLI, NANO, ONE, Table};
use super::{Cell, ExponentialBuckets, ExponentialScale};
use crate::Scale;

/// Added to indices of scale 8 so that none is negative: 64 buckets of the coarsest scale are 1,024 octaves.
const LIFT: i32 = 1 << 18;

/// Finds the exponential bucket of an unsigned integer in the exported unit, exactly.
///
/// For integers with decimal places the buckets are those of the value, not of the integer: 1,500,000,000 nanoseconds
/// belong to the bucket of 1.5 seconds. The quotient is never made: the table has the bounds multiplied by the divisor,
/// so every `u64` is compared with the bounds as the irrational numbers they are. That can differ from the bucket of the
/// quotient as a float, which is rounded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntegerIndex {
    scale: ExponentialScale,
    table: &'static Table,
    /// Added to an index of scale 8 that counts from the highest octave.
    offset: u64,
    shift: u32,
    /// The cell of zero, counted like buckets.
    zero: u64,
}

impl IntegerIndex {
    /// Values that are zero are the only ones that count as zero.
    pub(crate) const ZERO_THRESHOLD: f64 = 0.0;

    #[expect(clippy::cast_sign_loss, reason = "the lift is larger than any index")]
    pub(crate) fn new(scale: ExponentialScale, unit: Scale) -> Self {
        let table = match unit {
            Scale::NANO => &NANO,
            Scale::MICRO => &MICRO,
            Scale::MILLI => &MILLI,
            _ => &ONE,
        };
        let highest = 63 * 256;
        let offset = (LIFT + table.start + highest) as u64;
        let shift = ExponentialScale::MAX.above(scale);
        let mut index = Self { scale, table, offset, shift, zero: 0 };
        index.zero = index.number(1) - 1;
        index
    }

    /// The index `i` of the bucket `(base^i, base^(i+1)]` that holds a value other than zero.
    #[cfg(test)]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^20 buckets")]
    pub(crate) fn index(self, value: u64) -> i32 {
        self.number(value) as i32 - (LIFT >> self.shift)
    }

    /// How many cells a recorder needs: zero, and the buckets from that of 1 to that of `u64::MAX`.
    pub(crate) fn cells(self) -> usize {
        self.cell(u64::MAX) + 1
    }

    /// The cell that counts a value.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^15 cells")]
    pub(crate) fn cell(self, value: u64) -> usize {
        if value == 0 { 0 } else { (self.number(value) - self.zero) as usize }
    }

    /// The bucket of a cell.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^15 cells")]
    pub(crate) fn decode(self, cell: usize) -> Cell {
        match cell as u64 {
            0 => Cell::Zero,
            nth => Cell::Positive((nth + self.zero) as i32 - (LIFT >> self.shift)),
        }
    }

    /// The buckets that the counts of all cells make.
    pub(crate) fn buckets(self, counts: &[u64]) -> ExponentialBuckets {
        let cells = (0..).map(|cell| self.decode(cell)).zip(counts.iter().copied());
        ExponentialBuckets::from_cells(self.scale, Self::ZERO_THRESHOLD, cells)
    }

    /// Counts buckets from far below that of 1.
    #[inline]
    fn number(self, value: u64) -> u64 {
        let zeros = (value | 1).leading_zeros();
        // All digits after the first one, from the highest bit on.
        let digits = (value << zeros) << 1;
        let entry = self.table.entries[(digits >> (u64::BITS - 9)) as usize % BINS];
        let index = (digits >> 1).wrapping_add(entry) >> (u64::BITS - 9);
        ((index + self.offset) - (u64::from(zeros) << 8)) >> self.shift
    }
}

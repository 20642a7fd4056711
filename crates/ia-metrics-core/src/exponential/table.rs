//! Tables that turn digits into bucket indices of the finest scale.

use super::roots::ROOTS;

/// How many bins an octave is cut into: so many that none holds two bounds.
pub(super) const BINS: usize = 512;

/// Binary places of [`ROOTS`] that are multiplied with a divisor.
const PLACES: u32 = 95;

/// Finds the bucket of scale 8 within an octave.
///
/// The entry of a bin is the index that its first values have, in the digits above those of a bucket, and below it what
/// the bin's bound lacks to a carry: added to a value's digits, the index grows by one exactly above the bound.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) entries: [u64; BINS],
    /// The index of a value whose digits lie before all bounds of its octave, for the octave of 1.
    pub(super) start: i32,
}

/// For the bits of a float: 52 digits, then the exponent. The sum counts buckets from `2^-1024`.
pub(super) static FLOAT: Table = Table::new(1, f64::MANTISSA_DIGITS - 1, 256);

/// For integers that are the value.
pub(super) static ONE: Table = Table::new(1, u64::BITS - 1, 1);
/// For integers that are thousandths.
pub(super) static MILLI: Table = Table::new(1_000, u64::BITS - 1, 1);
/// For integers that are millionths.
pub(super) static MICRO: Table = Table::new(1_000_000, u64::BITS - 1, 1);
/// For integers that are billionths.
pub(super) static NANO: Table = Table::new(1_000_000_000, u64::BITS - 1, 1);

impl Table {
    /// For values of so many digits after the first one, to be divided by the divisor. A value just beyond the first
    /// bound of its octave gets the index `lift`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "there are 256 roots"
    )]
    const fn new(divisor: u64, digits: u32, lift: u64) -> Self {
        let octave = divisor.ilog2();
        // The roots from this one on lie in the octave above the divisor's: an octave lower they come first.
        let mut rotation = 0;
        while rotation < ROOTS.len() && product(divisor, rotation).ilog2() == PLACES + octave {
            rotation += 1;
        }
        let (bucket, bin) = (digits - 8, digits - 9);
        let mut entries = [0; BINS];
        let (mut i, mut passed) = (0, 0);
        while i < BINS {
            let first = (i as u64) << bin;
            let bound = if passed < ROOTS.len() {
                bound(divisor, (rotation + passed) % ROOTS.len()) >> (u64::BITS - 1 - digits)
            } else {
                u64::MAX
            };
            assert!(bound >= first, "a bin holds two bounds");
            let index = passed as u64 + lift - 1;
            entries[i] = if bound < first + (1 << bin) {
                passed += 1;
                ((index + 1) << bucket).wrapping_sub(1).wrapping_sub(bound)
            } else {
                (index << bucket).wrapping_sub(first)
            };
            i += 1;
        }
        let before = if rotation < ROOTS.len() { rotation as i32 - 256 } else { 0 };
        Self { entries, start: before - 1 - 256 * octave.cast_signed() }
    }
}

/// The digits of `divisor * 2^(i/256)` after the first one, 63 of them, rounded down.
#[expect(clippy::cast_possible_truncation, reason = "64 digits are left")]
const fn bound(divisor: u64, i: usize) -> u64 {
    let product = product(divisor, i);
    let surplus = product.ilog2() - (u64::BITS - 1);
    let cut = product & ((1 << surplus) - 1);
    assert!(cut + (divisor as u128) < 1 << surplus, "the root has too few digits to round down");
    (product >> surplus) as u64 & (u64::MAX >> 1)
}

/// `divisor * 2^(i/256)` with [`PLACES`], too small by less than the divisor in the last place.
const fn product(divisor: u64, i: usize) -> u128 {
    (ROOTS[i] >> (127 - PLACES)) * divisor as u128
}

//! The definition of buckets in exact integers, and the check of the constants against it.

use num_bigint::BigUint;

use super::super::ExponentialScale;
use super::super::roots::ROOTS;

/// The index `i` with `base^i < digits * 2^exponent / divisor <= base^(i+1)`, found without rounding: raised to the power
/// of the number of buckets of an octave, the bounds are powers of two.
pub(super) fn index(digits: u64, exponent: i32, divisor: u64, scale: ExponentialScale) -> i32 {
    let buckets = 1 << scale.get().max(0);
    let (value, divisor) =
        (BigUint::from(digits).pow(buckets), BigUint::from(divisor).pow(buckets));
    // The smallest `end` with value <= divisor * 2^end.
    let mut end = i64::try_from(value.bits()).unwrap() - i64::try_from(divisor.bits()).unwrap() - 1;
    while !is_at_most(&value, &divisor, end) {
        end += 1;
    }
    let index = i32::try_from(end).unwrap() - 1 + exponent * buckets.cast_signed();
    index >> (-scale.get()).max(0)
}

/// Whether `value <= divisor * 2^end`.
fn is_at_most(value: &BigUint, divisor: &BigUint, end: i64) -> bool {
    match u64::try_from(end) {
        Ok(end) => *value <= divisor << end,
        Err(_) => value << end.unsigned_abs() <= *divisor,
    }
}

/// [`index`] of a float.
pub(super) fn index_of(value: f64, scale: ExponentialScale) -> i32 {
    let (bits, digits) = (value.to_bits(), f64::MANTISSA_DIGITS - 1);
    let exponent = i32::try_from(bits >> digits).unwrap() - 1023 - digits.cast_signed();
    index(bits & ((1 << digits) - 1) | 1 << digits, exponent, 1, scale)
}

#[test]
fn roots_are_rounded_down() {
    for (i, root) in ROOTS.into_iter().enumerate() {
        let power = BigUint::from(1_u8) << (127 * 256 + i);
        assert!(BigUint::from(root).pow(256) <= power, "{i}");
        assert!((BigUint::from(root) + 1_u8).pow(256) > power, "{i}");
    }
}

#[test]
fn the_definition_includes_upper_bounds() {
    let of = |scale: i8| ExponentialScale::new(scale).unwrap();
    let cases = [(0, 1.0, -1), (0, 1.5, 0), (0, 2.0, 0), (1, 1.5, 1), (1, 1.4, 0), (-1, 5.0, 1)];
    for (scale, value, expected) in cases {
        assert_eq!(index_of(value, of(scale)), expected, "{value} at {scale}");
    }
    assert_eq!(index(1_500_000_000, 0, 1_000_000_000, of(0)), 0);
    assert_eq!(index(500_000_000, 0, 1_000_000_000, of(0)), -2);
}

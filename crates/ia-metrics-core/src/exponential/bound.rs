//! The bounds of buckets as floats.

use super::ExponentialScale;
use super::roots::ROOTS;

/// [`ROOTS`] as the nearest floats.
static NEAREST: [f64; ROOTS.len()] = nearest();

/// The nearest float to `base^index`: the bound between the buckets `index - 1` and `index`.
#[expect(
    clippy::cast_sign_loss,
    reason = "a remainder by 256 and a clamped exponent are not negative"
)]
pub(super) fn bound(scale: ExponentialScale, index: i32) -> f64 {
    let parts = i64::from(index) << ExponentialScale::MAX.above(scale);
    let exponent = (parts >> 8).clamp(-1023, 1024) + 1023;
    NEAREST[(parts & 255) as usize % NEAREST.len()] * f64::from_bits((exponent as u64) << 52)
}

const fn nearest() -> [f64; ROOTS.len()] {
    let mut nearest = [0.0; ROOTS.len()];
    let mut i = 0;
    while i < ROOTS.len() {
        // 53 of 128 digits stay. None is half-way: but for the first all are irrational.
        let digits = ((ROOTS[i] + (1 << 74)) >> 75) as u64;
        nearest[i] = f64::from_bits(digits + (1022 << 52));
        i += 1;
    }
    nearest
}

//! Buckets that are never wider than a 64th of their values.

/// Buckets per power of two.
const PER_OCTAVE: u64 = 64;
/// Below it, every integer has a bucket of its own.
const EXACT: u64 = 2 * PER_OCTAVE;

/// How many buckets hold all of `u64`.
pub(super) const BUCKETS: usize = bucket(u64::MAX) + 1;

/// The bucket of a value.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer than 4,000 buckets")]
pub(super) const fn bucket(value: u64) -> usize {
    if value < EXACT {
        return value as usize;
    }
    // The seven leading bits, of which the first is always set, and how many follow.
    let follow = value.ilog2() as u64 - PER_OCTAVE.ilog2() as u64;
    (follow * PER_OCTAVE + (value >> follow)) as usize
}

/// The middle of a bucket: within 0.8 % of each of its values.
pub(super) const fn middle(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < EXACT {
        return bucket;
    }
    let follow = bucket / PER_OCTAVE - 1;
    let first = (bucket - follow * PER_OCTAVE) << follow;
    first + ((1 << follow) - 1) / 2
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::{BUCKETS, bucket, middle};

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        assert_eq!(bucket(0), 0);
        for octave in 0..64 {
            for value in [1 << octave, (1 << octave) + ((1_u64 << octave) >> 1)] {
                assert!(bucket(value) - bucket(value - 1) <= 1, "{value}");
                assert!(bucket(value) >= bucket(value - 1));
            }
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    proptest! {
        #[test]
        fn the_middle_is_near_every_value(value: u64, shift in 0_u32..64) {
            let value = value >> shift;
            let middle = middle(bucket(value));
            prop_assert!(middle.abs_diff(value) as f64 <= value as f64 * 0.008);
            prop_assert_eq!(bucket(middle), bucket(value));
        }
    }
}

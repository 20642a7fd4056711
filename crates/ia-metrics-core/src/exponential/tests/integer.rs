//! Tests of the bucket of an integer.

use num_bigint::BigUint;
use proptest::prelude::*;

use super::super::roots::ROOTS;
use super::super::{Cell, ExponentialScale, FloatIndex, IntegerIndex};
use super::{any_scale, oracle, scales};
use crate::Scale;

const UNITS: [Scale; 4] = [Scale::ONE, Scale::MILLI, Scale::MICRO, Scale::NANO];

/// The largest integer that is not above `divisor * 2^(parts / 256)`, if it fits.
fn integer_below_bound(divisor: u64, parts: i32) -> Option<u64> {
    let root = ROOTS[usize::try_from(parts & 255).unwrap()];
    let round_down =
        |root: BigUint| -> BigUint { ((root * divisor) << 200_u32) >> (327 - (parts >> 8)) };
    let bound = round_down(BigUint::from(root));
    // The root itself is rounded down: that the next one gives the same proves that it does not matter.
    let is_exact = parts.trailing_zeros() >= 8;
    assert!(is_exact || bound == round_down(BigUint::from(root) + 1_u8), "{divisor} {parts}");
    u64::try_from(bound).ok()
}

#[test]
fn each_bound_and_its_neighbours_fall_where_the_definition_says() {
    for unit in UNITS {
        let index = IntegerIndex::new(ExponentialScale::MAX, unit);
        let mut checked = 0;
        for parts in -32 * 256..64 * 256 {
            let Some(below) = integer_below_bound(unit.divisor(), parts) else { continue };
            let Some(above) = below.checked_add(1) else { continue };
            // Bounds that lie so close together that no integer is between them have the same neighbours.
            let is_last = integer_below_bound(unit.divisor(), parts + 1) != Some(below);
            let is_first = integer_below_bound(unit.divisor(), parts - 1) != Some(below);
            if below > 0 && is_first {
                assert_eq!(index.index(below), parts - 1, "{below} of {unit:?}");
                checked += 1;
            }
            if is_last {
                assert_eq!(index.index(above), parts, "{above} of {unit:?}");
                checked += 1;
            }
        }
        assert!(checked > 2 * 256 * 50, "{checked}");
    }
}

#[test]
fn coarser_scales_are_groups_of_finer_buckets() {
    for unit in UNITS {
        let finest = IntegerIndex::new(ExponentialScale::MAX, unit);
        for scale in scales() {
            let index = IntegerIndex::new(scale, unit);
            for value in (0..64).flat_map(|bit| [1 << bit, (1 << bit) + 1, u64::MAX >> bit]) {
                assert_eq!(index.index(value), finest.index(value) >> (8 - scale.get()));
            }
        }
    }
}

#[test]
fn cells_are_zero_and_the_buckets_from_one_to_the_largest_integer() {
    for unit in UNITS {
        for scale in scales() {
            let index = IntegerIndex::new(scale, unit);
            assert_eq!((index.cell(0), index.decode(0)), (0, Cell::Zero));
            assert_eq!((index.cell(1), index.decode(1)), (1, Cell::Positive(index.index(1))));
            let last = Cell::Positive(index.index(u64::MAX));
            assert_eq!(index.decode(index.cells() - 1), last);
            assert_eq!(index.cell(u64::MAX), index.cells() - 1);
            assert!(index.cells() <= ((64 << 8) >> (8 - scale.get())) + 3);
        }
    }
    assert_eq!(IntegerIndex::new(ExponentialScale::of::<3>(), Scale::ONE).cells(), 2 + 64 * 8);
}

#[test]
fn nanoseconds_fall_into_buckets_of_seconds() {
    let index = IntegerIndex::new(ExponentialScale::of::<0>(), Scale::NANO);
    let second = 1_000_000_000;
    for (nanos, expected) in [(second, -1), (second + 1, 0), (second / 2, -2), (8 * second, 2)] {
        assert_eq!(index.index(nanos), expected, "{nanos}");
    }
    let mut counts = vec![0; index.cells()];
    [0, second + 1, 3 * second / 2].iter().for_each(|nanos| counts[index.cell(*nanos)] += 1);
    let buckets = index.buckets(&counts);
    assert_eq!((buckets.zero_count(), buckets.zero_threshold()), (1, 0.0));
    assert_eq!((buckets.positive().offset(), buckets.positive().counts()), (0, &[2][..]));
}

/// Where floats are exact the two searches agree.
#[test]
fn whole_numbers_fall_where_the_same_floats_do() {
    for scale in scales() {
        let (integers, floats) = (IntegerIndex::new(scale, Scale::ONE), FloatIndex::new(scale));
        for value in (1..10_000).chain((0..53).map(|bit| (1 << bit) + 1)) {
            assert_eq!(integers.index(value), floats.index(value as f64), "{value} {scale}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_integer_falls_where_the_definition_says(
        value in any::<u64>(),
        shift in 0_u32..64,
        scale in any_scale(),
        unit in (0..UNITS.len()).prop_map(|nth| UNITS[nth]),
    ) {
        let value = (value >> shift).max(1);
        let index = IntegerIndex::new(scale, unit);
        let expected = oracle::index(value, 0, unit.divisor(), scale);
        prop_assert_eq!(index.index(value), expected);
        prop_assert_eq!(index.decode(index.cell(value)), Cell::Positive(expected));
    }
}

//! Tests of the bucket of a float.

use proptest::prelude::*;

use super::super::bound::bound;
use super::super::roots::ROOTS;
use super::super::{Cell, FloatIndex};
use super::{any_scale, oracle, scales};

/// The largest float that is not above each bound of the octave from 1 to 2.
fn floats_below_bounds() -> impl Iterator<Item = f64> {
    ROOTS.into_iter().map(|root| {
        f64::from_bits(u64::try_from(root >> 75).unwrap() + (1022 << (f64::MANTISSA_DIGITS - 1)))
    })
}

#[test]
fn each_bound_of_an_octave_and_its_neighbours_fall_where_the_definition_says() {
    for scale in scales() {
        let index = FloatIndex::new(scale);
        for value in floats_below_bounds().step_by(256 >> scale.get().max(0)) {
            for value in [value.next_down(), value, value.next_up()] {
                assert_eq!(index.index(value), oracle::index_of(value, scale), "{value} {scale}");
            }
        }
    }
}

#[test]
fn all_octaves_are_alike() {
    for scale in scales() {
        let index = FloatIndex::new(scale);
        for (i, value) in (0_i32..).zip(floats_below_bounds()) {
            for octave in -128..128 {
                let value = value * 2_f64.powi(octave);
                let next = (octave * 256 + i) >> (8 - scale.get());
                let this = (octave * 256 + i - 1) >> (8 - scale.get());
                assert_eq!(index.index(value), this, "{value:e} {scale}");
                assert_eq!(index.index(value.next_up()), next, "{value:e} {scale}");
            }
        }
    }
}

#[test]
fn cells_are_zero_then_positive_then_negative_buckets() {
    for scale in scales() {
        let index = FloatIndex::new(scale);
        let buckets = (256 << 8) >> (8 - scale.get());
        assert_eq!(index.cells(), 2 * (buckets + 1));
        let first = i32::try_from(buckets / 2).unwrap();
        assert_eq!(index.decode(0), Cell::Zero);
        assert_eq!(index.decode(1), Cell::Positive(-first));
        assert_eq!(index.decode(buckets), Cell::Positive(first - 1));
        assert_eq!(index.decode(buckets + 1), Cell::Zero);
        assert_eq!(index.decode(buckets + 2), Cell::Negative(-first));
        assert_eq!(index.decode(2 * buckets + 1), Cell::Negative(first - 1));
    }
}

#[test]
fn values_beyond_the_range_fall_into_the_cells_at_its_ends() {
    let (low, high) = (2_f64.powi(-128), 2_f64.powi(128));
    for scale in scales() {
        let index = FloatIndex::new(scale);
        let cell = |value: f64| index.decode(index.cell(value));
        let half = (128 << 8) >> (8 - scale.get());
        for value in [0.0, 5e-324, f64::MIN_POSITIVE, low.next_down(), low] {
            assert_eq!((cell(value), cell(-value)), (Cell::Zero, Cell::Zero), "{value:e}");
        }
        let value = low.next_up();
        assert_eq!((cell(value), cell(-value)), (Cell::Positive(-half), Cell::Negative(-half)));
        for value in [high.next_down(), high, high.next_up(), f64::MAX] {
            let expected = (Cell::Positive(half - 1), Cell::Negative(half - 1));
            assert_eq!((cell(value), cell(-value)), expected, "{value:e}");
        }
    }
}

#[test]
fn bounds_are_the_nearest_floats() {
    for scale in scales() {
        for index in -(2_i32 << scale.get().max(0))..(2 << scale.get().max(0)) {
            let exact = (f64::from(index) * 2_f64.powi(-i32::from(scale.get()))).exp2();
            let bound = bound(scale, index);
            assert!((bound - exact).abs() <= exact * f64::EPSILON, "{index} {scale}");
            let below =
                if FloatIndex::new(scale).index(bound) < index { bound } else { bound.next_down() };
            assert_eq!(FloatIndex::new(scale).index(below), index - 1);
            assert_eq!(FloatIndex::new(scale).index(below.next_up()), index);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_float_falls_where_the_definition_says(exponent in -127.99..127.99, scale in any_scale()) {
        let (value, index) = (f64::exp2(exponent), FloatIndex::new(scale));
        let expected = oracle::index_of(value, scale);
        prop_assert_eq!(index.index(value), expected);
        prop_assert_eq!(index.decode(index.cell(value)), Cell::Positive(expected));
        prop_assert_eq!(index.decode(index.cell(-value)), Cell::Negative(expected));
    }
}

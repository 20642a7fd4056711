//! Tests of exponential buckets.

mod buckets;
mod float;
mod integer;
mod oracle;
mod quantile;

use proptest::prelude::*;

use super::ExponentialScale;

fn scales() -> impl Iterator<Item = ExponentialScale> {
    (-4..=8).map(|scale| ExponentialScale::new(scale).unwrap())
}

fn any_scale() -> impl Strategy<Value = ExponentialScale> {
    (-4_i8..=8).prop_map(|scale| ExponentialScale::new(scale).unwrap())
}

/// Values over the whole range that has cells, and a little beyond, of both signs.
fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        1 => Just(0.0),
        1 => Just(-0.0),
        1 => (-40..40_i32).prop_map(|exponent| 2_f64.powi(exponent)),
        4 => 0.001..10.0,
        4 => (-130_f64..130.0).prop_map(f64::exp2),
        2 => (-130_f64..130.0).prop_map(|exponent| -exponent.exp2()),
    ]
}

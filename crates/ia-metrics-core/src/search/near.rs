//! The search among bounds that share a bin.

/// How many bounds are compared before halving begins: that many comparisons need no branch.
const NEAR: usize = 8;

/// The first index from `start` on whose bound is not below the value. The bounds are ascending, and those before `start`
/// are below the value.
///
/// The answer is expected to be near: the steps double until they are beyond it.
pub(super) fn search_from(bounds: &[f64], start: usize, value: f64) -> usize {
    let mut passed = start;
    let mut rest = bounds.get(start..).unwrap_or_default();
    let mut step = NEAR;
    while let Some((near, far)) = rest.split_at_checked(step)
        && near.last().is_some_and(|bound| *bound < value)
    {
        (passed, rest, step) = (passed + step, far, step * 2);
    }
    if step == NEAR
        && let Some(near) = rest.first_chunk::<NEAR>()
    {
        return passed + near.iter().filter(|bound| **bound < value).count();
    }
    let near = rest.get(..step).unwrap_or(rest);
    passed + near.partition_point(|bound| *bound < value)
}

//! The median, and how far it may be off.
//!
//! A measurement is made of sittings: in each the pipelines are built anew and threads start anew, so that they lie elsewhere
//! in memory. That alone moves a figure by a nanosecond or two, and all turns of one sitting by the same.
//!
//! So the standard error is that of the median, by a bootstrap of sittings: as many as there were are drawn again, with
//! replacement and with all their turns, and the medians of many such draws spread as the medians of other measurements
//! would. Turns drawn one by one, or `1.253 * sd / sqrt(n)`, would take each turn for another witness, and find an error
//! many times too small.

use fastrand::Rng;

/// How many times all sittings are drawn again.
const DRAWS: usize = 1_000;

/// A median and its standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) median: f64,
    pub(crate) error: f64,
}

impl Estimate {
    /// Of the values of each sitting.
    pub(crate) fn of(sittings: &[Vec<f64>]) -> Self {
        let mut random = Rng::with_seed(42);
        let mut drawn = Vec::new();
        let medians: Vec<f64> = (0..DRAWS)
            .map(|_| {
                drawn.clear();
                for _ in sittings {
                    drawn.extend_from_slice(&sittings[random.usize(..sittings.len())]);
                }
                median(&mut drawn)
            })
            .collect();
        let count = sittings.len() as f64;
        Self {
            median: median(&mut sittings.concat()),
            // Draws from a few spread a little less than what the few were drawn from.
            error: deviation(&medians) * (count / (count - 1.0)).sqrt(),
        }
    }

    pub(crate) fn scaled(self, by: f64) -> Self {
        Self { median: self.median * by, error: self.error * by.abs() }
    }
}

/// The median; not a number where there is nothing.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let (middle, is_odd) = (values.len() / 2, values.len() % 2 == 1);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if is_odd {
        return *upper;
    }
    f64::midpoint(below.iter().copied().fold(f64::NEG_INFINITY, f64::max), *upper)
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::{Estimate, deviation, median};

    /// Nearly normal, with a deviation of 1.
    fn noise(random: &mut Rng) -> f64 {
        (0..12).map(|_| random.f64()).sum::<f64>() - 6.0
    }

    /// Ten sittings of twenty values, each moved by where things lie.
    fn measurement(random: &mut Rng, place: f64) -> Vec<Vec<f64>> {
        (0..10)
            .map(|_| {
                let moved = place * noise(random);
                (0..20).map(|_| moved + noise(random)).collect()
            })
            .collect()
    }

    /// The error that is told, and how medians of many measurements spread.
    fn told_and_true(place: f64) -> (f64, f64) {
        let mut random = Rng::with_seed(7);
        let estimates: Vec<Estimate> =
            (0..100).map(|_| Estimate::of(&measurement(&mut random, place))).collect();
        let medians: Vec<f64> = estimates.iter().map(|estimate| estimate.median).collect();
        let mut errors: Vec<f64> = estimates.iter().map(|estimate| estimate.error).collect();
        (median(&mut errors), deviation(&medians))
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]).to_bits(), 2.5_f64.to_bits());
        assert_eq!(median(&mut [7.0]).to_bits(), 7.0_f64.to_bits());
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn the_error_is_how_medians_of_many_measurements_spread() {
        let (told, spread) = told_and_true(0.0);
        assert!((told / spread - 1.0).abs() < 0.25, "{told} told, {spread} true");
    }

    #[test]
    fn it_is_so_too_where_each_sitting_is_moved_as_a_whole() {
        let (told, spread) = told_and_true(3.0);
        assert!(spread > 0.5, "{spread}");
        assert!((told / spread - 1.0).abs() < 0.25, "{told} told, {spread} true");
    }

    #[test]
    fn one_interruption_changes_little() {
        let mut random = Rng::with_seed(7);
        let mut values = measurement(&mut random, 0.0);
        let before = Estimate::of(&values);
        values[3][10] = 1e9;
        let after = Estimate::of(&values);
        assert!((after.error / before.error - 1.0).abs() < 0.3, "{before:?} {after:?}");
    }
}

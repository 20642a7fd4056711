//! Upper bounds of a histogram's buckets.

use crate::MetricError;

/// The most bounds one histogram may have.
const MOST: usize = 1_000;

/// Upper bounds, inclusive, in the metric's unit: finite, ascending, without duplicates.
///
/// The bucket up to `+Inf` is always there and never listed.
///
/// ```
/// use ia_metrics_core::Buckets;
///
/// let buckets = Buckets::new([1.0, 0.5, 1.0, f64::INFINITY])?;
/// assert_eq!(buckets.bounds(), [0.5, 1.0]);
/// assert!(Buckets::new([f64::NAN]).is_err());
/// # Ok::<(), ia_metrics_core::MetricError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets(Vec<f64>);

impl Buckets {
    /// The bounds that Prometheus' own clients start with, made for request latencies in seconds.
    pub const DEFAULT: &'static [f64] =
        &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

    /// Sorts the bounds, removes duplicates and the implied `+Inf`.
    ///
    /// # Errors
    ///
    /// [`MetricError::InvalidBuckets`] for NaN or negative infinity, or for more than 1,000 bounds.
    pub fn new(bounds: impl IntoIterator<Item = f64>) -> Result<Self, MetricError> {
        let mut bounds: Vec<f64> = bounds.into_iter().collect();
        if bounds.iter().any(|bound| bound.is_nan() || *bound == f64::NEG_INFINITY) {
            return Err(MetricError::InvalidBuckets {
                reason: "a bound is NaN or -Inf; give finite numbers",
            });
        }
        bounds.retain(|bound| bound.is_finite());
        for bound in &mut bounds {
            *bound += 0.0; // -0.0 and 0.0 are one bound
        }
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        if bounds.len() > MOST {
            return Err(MetricError::InvalidBuckets {
                reason: "more than 1,000 bounds; give fewer",
            });
        }
        Ok(Self(bounds))
    }

    /// `count` bounds from `start`, each `factor` times the one before.
    ///
    /// # Errors
    ///
    /// [`MetricError::InvalidBuckets`] unless `start > 0`, `factor > 1` and the bounds stay finite.
    pub fn exponential(start: f64, factor: f64, count: usize) -> Result<Self, MetricError> {
        if !(start > 0.0 && factor > 1.0 && count <= MOST) {
            return Err(MetricError::InvalidBuckets {
                reason: "exponential bounds need start > 0, factor > 1 and at most 1,000 bounds",
            });
        }
        let bounds: Vec<f64> =
            std::iter::successors(Some(start), |bound| Some(bound * factor)).take(count).collect();
        if bounds.iter().any(|bound| !bound.is_finite()) {
            return Err(MetricError::InvalidBuckets {
                reason: "the last bounds are infinite; give fewer",
            });
        }
        Self::new(bounds)
    }

    /// The finite bounds, ascending.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        &self.0
    }
}

impl Default for Buckets {
    /// [`Buckets::DEFAULT`].
    fn default() -> Self {
        Self(Self::DEFAULT.to_vec())
    }
}

//! How fine exponential buckets are.

use std::fmt;

use super::bound::bound;
use crate::MetricError;

/// How fine exponential buckets are: `2^scale` buckets for each doubling of the value, -4 to 8.
///
/// This is the `scale` of OpenTelemetry's exponential histograms, of which it takes those that are also a `schema` of
/// Prometheus' native histograms. Defaults to 3: a bucket spans a factor of 1.0905, so an estimated quantile is less
/// than 9.1 % off; Prometheus' clients choose it for a bucket factor of 1.1.
///
/// ```
/// use ia_metrics_core::ExponentialScale;
///
/// const FINE: ExponentialScale = ExponentialScale::of::<5>();
/// assert_eq!(FINE.get(), 5);
/// assert_eq!(ExponentialScale::of::<0>().factor(), 2.0);
/// assert!(ExponentialScale::new(9).is_err());
/// # Ok::<(), ia_metrics_core::MetricError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExponentialScale(i8);

impl ExponentialScale {
    /// The coarsest: a bucket spans a factor of 65,536.
    pub const MIN: Self = Self(-4);
    /// The finest: a bucket spans a factor of 1.0027.
    pub const MAX: Self = Self(8);

    /// A scale that is known only at run time.
    ///
    /// # Errors
    ///
    /// [`MetricError::InvalidBuckets`] unless it is within -4 and 8.
    pub fn new(scale: i8) -> Result<Self, MetricError> {
        if (Self::MIN.0..=Self::MAX.0).contains(&scale) {
            Ok(Self(scale))
        } else {
            Err(MetricError::InvalidBuckets {
                reason: "the exponential scale is not within -4 and 8; give one that is",
            })
        }
    }

    /// A scale that is a constant; one that is not within -4 and 8 does not compile.
    ///
    /// ```compile_fail,E0080
    /// # use ia_metrics_core::ExponentialScale;
    /// const TOO_FINE: ExponentialScale = ExponentialScale::of::<9>();
    /// ```
    #[must_use]
    pub const fn of<const SCALE: i8>() -> Self {
        const {
            assert!(
                SCALE >= Self::MIN.0 && SCALE <= Self::MAX.0,
                "an exponential scale is not within -4 and 8"
            );
        }
        Self(SCALE)
    }

    /// The scale as a number.
    #[must_use]
    pub const fn get(self) -> i8 {
        self.0
    }

    /// By what each bound exceeds the one before: `2^(2^-scale)`, rounded to the nearest float.
    #[must_use]
    pub fn factor(self) -> f64 {
        bound(self, 1)
    }

    /// The scale whose buckets hold `2^steps` of this one's, but not below [`MIN`](Self::MIN).
    pub(super) fn coarser(self, steps: u32) -> Self {
        let steps = steps.min(self.above(Self::MIN));
        Self(i8::try_from(steps).map_or(Self::MIN.0, |steps| self.0 - steps))
    }

    /// How many steps it is finer than the other; none where it is coarser.
    pub(super) fn above(self, other: Self) -> u32 {
        u32::try_from(i32::from(self.0) - i32::from(other.0)).unwrap_or(0)
    }
}

impl Default for ExponentialScale {
    fn default() -> Self {
        Self(3)
    }
}

impl fmt::Display for ExponentialScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

//! Exponential buckets one by one.

use super::ExponentialBuckets;
use super::bound::bound;

/// One bucket of [`ExponentialBuckets`] that is not empty. Its bounds are the nearest floats to the bounds that values
/// were compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExponentialBucket {
    /// The lower bound, in the exported unit. It belongs to the bucket where it is not positive.
    pub lower: f64,
    /// The upper bound, in the exported unit. It belongs to the bucket where it is not negative.
    pub upper: f64,
    /// How many values belong to the bucket.
    pub count: u64,
}

impl ExponentialBuckets {
    /// The buckets that are not empty, ascending: negative ones, that of zero, positive ones.
    ///
    /// ```
    /// use ia_metrics_core::{ExponentialBuckets, ExponentialScale};
    ///
    /// let buckets = ExponentialBuckets::from_values(ExponentialScale::of::<0>(), [-3.0, 7.0, 8.0]);
    /// let listed: Vec<_> = buckets.buckets().map(|bucket| (bucket.lower, bucket.upper, bucket.count)).collect();
    /// assert_eq!(listed, [(-4.0, -2.0, 1), (4.0, 8.0, 2)]);
    /// ```
    #[must_use]
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = ExponentialBucket> + '_ {
        let bound = |index| bound(self.scale(), index);
        let negative = self.negative().filled().rev().map(move |(index, count)| {
            let (lower, upper) = (-bound(index.saturating_add(1)), -bound(index));
            ExponentialBucket { lower, upper, count }
        });
        let positive = self.positive().filled().map(move |(index, count)| {
            let (lower, upper) = (bound(index), bound(index.saturating_add(1)));
            ExponentialBucket { lower, upper, count }
        });
        // Not negated: that would make -0.0 of 0.0.
        let (lower, upper) = (0.0 - self.zero_threshold(), self.zero_threshold());
        let zero = ExponentialBucket { lower, upper, count: self.zero_count() };
        negative.chain((zero.count > 0).then_some(zero)).chain(positive)
    }
}

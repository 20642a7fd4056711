//! Quantiles of exponential buckets.

use super::{ExponentialBucket, ExponentialBuckets};

impl ExponentialBuckets {
    /// The quantile `q`, estimated as PromQL's `histogram_quantile` does for native histograms: the bucket is found from
    /// the nearer end, and the values within it are taken to be evenly spread on a logarithmic scale, within the bucket
    /// of zero on a linear one. Where all other values are of one sign, those that count as zero are taken to be of that
    /// sign too. The estimate lies in the same bucket as the quantile itself, or on one of its bounds.
    ///
    /// `None` when nothing was observed or when `q` is not within 0 and 1.
    ///
    /// ```
    /// use ia_metrics_core::{ExponentialBuckets, ExponentialScale};
    ///
    /// let values = (1..=1_000).map(f64::from);
    /// let buckets = ExponentialBuckets::from_values(ExponentialScale::of::<5>(), values);
    /// let median = buckets.quantile(0.5).unwrap_or_default();
    /// assert!((490.0..510.0).contains(&median));
    /// assert_eq!(buckets.quantile(1.5), None);
    /// ```
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        let total = self.count() as f64;
        let (bucket, share) = if q < 0.5 {
            at_rank(self.buckets(), q * total)?
        } else {
            let (bucket, share) = at_rank(self.buckets().rev(), (1.0 - q) * total)?;
            (bucket, 1.0 - share)
        };
        let (mut lower, mut upper) = (bucket.lower, bucket.upper);
        if lower <= 0.0 && upper >= 0.0 {
            match (self.negative().counts(), self.positive().counts()) {
                ([], [_, ..]) => lower = 0.0,
                ([_, ..], []) => upper = 0.0,
                _ => {}
            }
            return Some(lower + (upper - lower) * share);
        }
        let (from, to) = (lower.abs().log2(), upper.abs().log2());
        let magnitude = (from + (to - from) * share).exp2();
        Some(magnitude.copysign(lower).clamp(lower, upper))
    }
}

/// The bucket in which so many values are reached, and which share of its values that takes.
fn at_rank(
    buckets: impl Iterator<Item = ExponentialBucket>,
    rank: f64,
) -> Option<(ExponentialBucket, f64)> {
    let mut before = 0_u64;
    for bucket in buckets {
        let reached = before.saturating_add(bucket.count);
        if reached as f64 >= rank {
            let share = (rank - before as f64) / bucket.count as f64;
            return Some((bucket, share.clamp(0.0, 1.0)));
        }
        before = reached;
    }
    None
}

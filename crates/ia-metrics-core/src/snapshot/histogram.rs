//! The buckets of one series.

use std::sync::Arc;

use crate::{ExponentialBuckets, Number, Scale};

/// Counted observations of one series.
#[derive(Clone, Debug)]
pub struct HistogramPoint {
    bounds: Arc<[f64]>,
    /// One more than there are bounds: the last one is `+Inf`.
    counts: Box<[u64]>,
    exponential: Option<ExponentialBuckets>,
    sum: Number,
}

/// One bucket of a [`HistogramPoint`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bucket {
    /// The largest value that belongs to the bucket, in the exported unit; infinity for the last one.
    pub upper_bound: f64,
    /// How many values belong to this bucket alone.
    pub count: u64,
    /// How many values belong to this bucket or one before it.
    pub cumulative: u64,
}

impl HistogramPoint {
    /// Nothing observed yet, of buckets with these bounds.
    pub(crate) fn empty(bounds: &Arc<[f64]>) -> Self {
        let counts = vec![0; bounds.len() + 1].into();
        Self {
            bounds: Arc::clone(bounds),
            counts,
            exponential: None,
            sum: Number::Unsigned(0, Scale::ONE),
        }
    }

    /// The counts, to be filled in, and the sum.
    pub(crate) fn parts(&mut self) -> (&mut [u64], &mut Number) {
        (&mut self.counts, &mut self.sum)
    }

    /// Takes exponential buckets: all of them are in the last of the others.
    pub(crate) fn set_exponential(&mut self, buckets: ExponentialBuckets, sum: Number) {
        self.counts.fill(0);
        if let Some(last) = self.counts.last_mut() {
            *last = buckets.count();
        }
        self.exponential = Some(buckets);
        self.sum = sum;
    }

    pub(crate) fn has_bounds(&self, bounds: &Arc<[f64]>) -> bool {
        Arc::ptr_eq(&self.bounds, bounds)
    }

    /// The buckets, ascending; the last one is always that of `+Inf`, and its cumulative count is
    /// [`count`](Self::count).
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let mut cumulative = 0;
        bounds.zip(&self.counts).map(move |(upper_bound, &count)| {
            cumulative += count;
            Bucket { upper_bound, count, cumulative }
        })
    }

    /// The exponential buckets, where the histogram counts in such: then the only other one is that of `+Inf`.
    #[must_use]
    pub fn exponential(&self) -> Option<&ExponentialBuckets> {
        self.exponential.as_ref()
    }

    /// How many values were observed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of the observed values, in the exported unit.
    #[must_use]
    pub fn sum(&self) -> Number {
        self.sum
    }

    /// The quantile `q`, interpolated within its bucket as PromQL's `histogram_quantile` does: an estimate. Of exponential
    /// buckets it is that of [`ExponentialBuckets::quantile`]; otherwise a quantile
    /// in the last bucket is the largest finite bound. `None` when nothing was observed, when there is no finite bound,
    /// or when `q` is not within 0 and 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if let Some(buckets) = &self.exponential {
            return buckets.quantile(q);
        }
        let total = self.count();
        if total == 0 || self.bounds.is_empty() || !(0.0..=1.0).contains(&q) {
            return None;
        }
        let rank = q * total as f64;
        let mut lower = None;
        for bucket in self.buckets() {
            if bucket.cumulative as f64 >= rank && bucket.count > 0 {
                if bucket.upper_bound.is_infinite() {
                    return lower;
                }
                let from = lower.unwrap_or_else(|| bucket.upper_bound.min(0.0));
                let within =
                    (rank - (bucket.cumulative - bucket.count) as f64) / bucket.count as f64;
                return Some(from + (bucket.upper_bound - from) * within.max(0.0));
            }
            lower = Some(bucket.upper_bound);
        }
        self.bounds.last().copied()
    }
}

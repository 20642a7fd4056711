//! The buckets of one series.

use std::sync::Arc;

use crate::{Exemplar, ExponentialBuckets, Number, Scale};

/// Counted observations of one series.
#[derive(Clone, Debug)]
pub struct HistogramPoint {
    bounds: Arc<[f64]>,
    /// One more than there are bounds: the last one is `+Inf`.
    counts: Vec<u64>,
    exponential: Option<ExponentialBuckets>,
    sum: Number,
    /// By bucket, ascending; those of exponential buckets by the recorder's cells.
    exemplars: Vec<(usize, Exemplar)>,
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
        let counts = vec![0; bounds.len() + 1];
        Self {
            bounds: Arc::clone(bounds),
            counts,
            exponential: None,
            sum: Number::Unsigned(0, Scale::ONE),
            exemplars: Vec::new(),
        }
    }

    /// Makes it one of buckets with these bounds, in the memory that it has where that is enough.
    pub(crate) fn rebind(&mut self, bounds: &Arc<[f64]>) {
        if !Arc::ptr_eq(&self.bounds, bounds) {
            self.bounds = Arc::clone(bounds);
            // All zeros, as those that nothing can fall into are not filled in.
            self.counts.clear();
            self.counts.resize(bounds.len() + 1, 0);
            self.exponential = None;
            self.exemplars.clear();
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

    /// The exemplars by bucket, to be filled in, ascending.
    pub(crate) fn exemplars_mut(&mut self) -> &mut Vec<(usize, Exemplar)> {
        &mut self.exemplars
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

    /// The exemplars, by ascending value: at most one for each bucket, and at most 8 of exponential buckets, of which each
    /// belongs to the one that its value falls into.
    ///
    /// ```
    /// use ia_metrics_core::{ExemplarSpan, HistogramDesc, Registry};
    ///
    /// const SIZE: HistogramDesc<0> =
    ///     HistogramDesc::new("size", "Size.", []).buckets(&[10.0, 100.0]).exemplars();
    ///
    /// let registry =
    ///     Registry::builder().exemplars(|| ExemplarSpan::new([1; 16], [2; 8])).build();
    /// registry.histogram(&SIZE).get().observe(42.0);
    ///
    /// let snapshot = registry.snapshot();
    /// let point = snapshot.histogram("size", []).expect("it was observed");
    /// for (at, bucket) in point.buckets().enumerate() {
    ///     let value = point.exemplar(at).map(|exemplar| exemplar.value().as_f64());
    ///     assert_eq!(value, (bucket.upper_bound == 100.0).then_some(42.0));
    /// }
    /// assert_eq!(point.exemplars().count(), 1);
    /// ```
    #[must_use]
    pub fn exemplars(&self) -> impl ExactSizeIterator<Item = &Exemplar> {
        self.exemplars.iter().map(|(_, exemplar)| exemplar)
    }

    /// The exemplar of one of the [`buckets`](Self::buckets), by its place among them. Where the histogram counts in
    /// exponential buckets, the newest exemplar of all: then there is one bucket only.
    #[must_use]
    pub fn exemplar(&self, bucket: usize) -> Option<&Exemplar> {
        if self.exponential.is_some() {
            let own = bucket < self.counts.len();
            return self.exemplars().filter(|_| own).max_by_key(|exemplar| exemplar.recorded_at());
        }
        let at = self.exemplars.binary_search_by_key(&bucket, |(bucket, _)| *bucket).ok()?;
        Some(&self.exemplars[at].1)
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

//! The exponential buckets of one series.

use super::{BucketRange, Cell, ExponentialScale, FloatIndex};

/// Counts of values in exponential buckets, immutable, in the exported unit.
///
/// A bucket of index `i` holds the magnitudes above `base^i` up to and including `base^(i+1)`, where `base` is the
/// scale's [`factor`](ExponentialScale::factor): OpenTelemetry metrics data model, "`ExponentialHistogram`".
/// Prometheus' native histograms count the same buckets from 1.
///
/// Counts are exact, and so are [`merge`](Self::merge) and [`downscale`](Self::downscale), whatever their order.
///
/// ```
/// use ia_metrics_core::{ExponentialBuckets, ExponentialScale};
///
/// let scale = ExponentialScale::of::<0>();
/// let (some, others) = ([0.0, 1.5, 7.0], [8.0, -3.0]);
/// let buckets = ExponentialBuckets::from_values(scale, some);
/// let all = buckets.merge(&ExponentialBuckets::from_values(scale, others));
/// assert_eq!(all, ExponentialBuckets::from_values(scale, some.into_iter().chain(others)));
/// assert_eq!((all.count(), all.zero_count()), (5, 1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ExponentialBuckets {
    scale: ExponentialScale,
    zero_threshold: f64,
    zero_count: u64,
    positive: BucketRange,
    negative: BucketRange,
}

impl ExponentialBuckets {
    /// The most buckets that OpenTelemetry's SDKs keep by default: 160.
    pub const DEFAULT_LIMIT: usize = 160;

    /// Counts values as a histogram over `f64` does: NaN and infinity are left out, magnitudes up to 2^-128 count as
    /// zero, and those above 2^128 as 2^128.
    #[must_use]
    pub fn from_values(scale: ExponentialScale, values: impl IntoIterator<Item = f64>) -> Self {
        let index = FloatIndex::new(scale);
        let finite = values.into_iter().filter(|value| value.is_finite());
        let cells = finite.map(|value| (index.decode(index.cell(value)), 1));
        Self::from_cells(scale, FloatIndex::ZERO_THRESHOLD, cells)
    }

    /// What the cells of a recorder counted. No value outside of [`Cell::Zero`] may be within the threshold.
    pub(super) fn from_cells(
        scale: ExponentialScale,
        zero_threshold: f64,
        cells: impl Iterator<Item = (Cell, u64)>,
    ) -> Self {
        let (mut zero_count, mut positive, mut negative) = (0_u64, Vec::new(), Vec::new());
        for (cell, count) in cells.filter(|(_, count)| *count > 0) {
            match cell {
                Cell::Zero => zero_count = zero_count.saturating_add(count),
                Cell::Positive(index) => positive.push((index, count)),
                Cell::Negative(index) => negative.push((index, count)),
            }
        }
        Self {
            scale,
            zero_threshold,
            zero_count,
            positive: BucketRange::sum(positive.into_iter()),
            negative: BucketRange::sum(negative.into_iter()),
        }
    }

    /// How fine the buckets are.
    #[must_use]
    pub fn scale(&self) -> ExponentialScale {
        self.scale
    }

    /// The largest magnitude that counts as zero, in the exported unit: 2^-128 for a histogram over `f64`, 0 for the
    /// others.
    #[must_use]
    pub fn zero_threshold(&self) -> f64 {
        self.zero_threshold
    }

    /// How many values count as zero.
    #[must_use]
    pub fn zero_count(&self) -> u64 {
        self.zero_count
    }

    /// The buckets of positive values.
    #[must_use]
    pub fn positive(&self) -> &BucketRange {
        &self.positive
    }

    /// The buckets of negative values, by their magnitude.
    #[must_use]
    pub fn negative(&self) -> &BucketRange {
        &self.negative
    }

    /// How many values were observed; stops at `u64::MAX`.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.zero_count.saturating_add(self.positive.count()).saturating_add(self.negative.count())
    }

    /// The same counts at a coarser scale: each step halves the number of buckets. Stops at [`ExponentialScale::MIN`].
    #[must_use]
    pub fn downscale(&self, by: u32) -> Self {
        let scale = self.scale.coarser(by);
        let steps = self.scale.above(scale);
        Self {
            scale,
            positive: self.positive.coarser(steps),
            negative: self.negative.coarser(steps),
            ..*self
        }
    }

    /// The same counts at the finest scale at which there are at most so many buckets: positive and negative ones
    /// together, empty ones between others included, that of zero not. At [`ExponentialScale::MIN`] there may be more.
    ///
    /// OpenTelemetry's SDKs allow [`DEFAULT_LIMIT`](Self::DEFAULT_LIMIT) for either sign.
    #[must_use]
    pub fn limit(&self, max_buckets: usize) -> Self {
        let most = self.scale.above(ExponentialScale::MIN);
        let len_at =
            |steps| self.positive.len_at(steps).saturating_add(self.negative.len_at(steps));
        self.downscale((0..most).find(|steps| len_at(*steps) <= max_buckets).unwrap_or(most))
    }

    /// The counts of both, at the coarser of their scales. Sums stop at `u64::MAX`.
    ///
    /// The larger zero threshold is kept: it is one of 0 and 2^-128, and no bucket lies between them.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let scale = self.scale.min(other.scale);
        let (a, b) = (self.scale.above(scale), other.scale.above(scale));
        Self {
            scale,
            zero_threshold: self.zero_threshold.max(other.zero_threshold),
            zero_count: self.zero_count.saturating_add(other.zero_count),
            positive: self.positive.coarser(a).merge(&other.positive.coarser(b)),
            negative: self.negative.coarser(a).merge(&other.negative.coarser(b)),
        }
    }
}

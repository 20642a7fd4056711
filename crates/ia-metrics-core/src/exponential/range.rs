//! Neighbouring buckets of one sign.

/// The counts of neighbouring exponential buckets, without empty ones at either end.
///
/// ```
/// use ia_metrics_core::{ExponentialBuckets, ExponentialScale};
///
/// let buckets = ExponentialBuckets::from_values(ExponentialScale::of::<0>(), [1.5, 7.0, 8.0]);
/// assert_eq!(buckets.positive().offset(), 0);
/// assert_eq!(buckets.positive().counts(), [1, 0, 2]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketRange {
    offset: i32,
    counts: Box<[u64]>,
}

impl BucketRange {
    /// Adds up what is counted at each index; sums stop at the end of their range.
    pub(super) fn sum(counted: impl Iterator<Item = (i32, u64)> + Clone) -> Self {
        let indices = counted.clone().filter(|(_, count)| *count > 0).map(|(index, _)| index);
        let (Some(first), Some(last)) = (indices.clone().min(), indices.max()) else {
            return Self::default();
        };
        let position =
            |index: i32| index.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        let mut counts = vec![0_u64; position(last).unwrap_or(0) + 1];
        for (index, count) in counted {
            if let Some(sum) = position(index).and_then(|position| counts.get_mut(position)) {
                *sum = sum.saturating_add(count);
            }
        }
        Self { offset: first, counts: counts.into() }
    }

    /// The index of the first bucket as OpenTelemetry counts: bucket `i` holds magnitudes above `base^i` up to and
    /// including `base^(i+1)`. Prometheus calls it `i + 1`. 0 where there is no bucket.
    #[must_use]
    pub fn offset(&self) -> i32 {
        self.offset
    }

    /// How many values each bucket holds, from that at [`offset`](Self::offset) on.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many values all buckets hold; stops at `u64::MAX`.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().copied().fold(0, u64::saturating_add)
    }

    /// The buckets that are not empty: index and count, ascending by index.
    pub(super) fn filled(&self) -> impl DoubleEndedIterator<Item = (i32, u64)> + Clone + '_ {
        let indexed = |(nth, count): (usize, &u64)| {
            (self.offset.saturating_add(i32::try_from(nth).unwrap_or(i32::MAX)), *count)
        };
        self.counts.iter().enumerate().map(indexed).filter(|(_, count)| *count > 0)
    }

    /// The same counts at a scale that is coarser by so many steps.
    pub(super) fn coarser(&self, steps: u32) -> Self {
        Self::sum(self.filled().map(|(index, count)| (index >> steps, count)))
    }

    /// How many buckets there are at a scale that is coarser by so many steps, empty ones between others included.
    pub(super) fn len_at(&self, steps: u32) -> usize {
        let (mut first, mut last) = (self.filled(), self.filled());
        match (first.next(), last.next_back()) {
            (Some((first, _)), Some((last, _))) => {
                usize::try_from((last >> steps) - (first >> steps))
                    .map_or(usize::MAX, |gap| gap + 1)
            }
            _ => 0,
        }
    }

    pub(super) fn merge(&self, other: &Self) -> Self {
        Self::sum(self.filled().chain(other.filled()))
    }
}

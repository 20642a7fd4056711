//! Histograms with exact bounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sealed;
use crate::shared::Shared;
use crate::snapshot::{HistogramPoint, PointData};
use crate::value::ValueType;
use crate::{Descriptor, Kind, Observed};

/// Counts observations in buckets and sums them up.
///
/// A value belongs to the first bucket whose bound is not below it. The total count is derived from the buckets, so the
/// two can never disagree. NaN and infinity are refused and counted
/// ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
#[derive(Clone, Debug)]
pub struct Histogram<V: Observed = f64> {
    cell: Arc<HistogramCell<V>>,
    shared: Arc<Shared>,
}

impl<V: Observed> Histogram<V> {
    /// Records one value.
    pub fn observe(&self, value: V) {
        if !self.shared.is_enabled() {
            return;
        }
        match value.raw() {
            Some(raw) => self.cell.observe(raw),
            None => self.shared.reject(),
        }
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.cell.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

/// The counts and the sum of one series.
#[derive(Debug)]
#[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
pub struct HistogramCell<V: Observed> {
    bounds: Box<[V::Raw]>,
    /// One more than there are bounds: the last one is `+Inf`.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl<V: Observed> HistogramCell<V> {
    fn observe(&self, raw: V::Raw) {
        let bucket = self.bounds.partition_point(|bound| *bound < raw);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        V::add_sum(&self.sum, raw);
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl<V: Observed> sealed::Metric for Histogram<V> {
    const KIND: Kind = Kind::Histogram;
    const VALUE: ValueType = V::TYPE;
    type Cell = HistogramCell<V>;

    fn cell(descriptor: &Descriptor, _: &Shared) -> HistogramCell<V> {
        // Bounds below every possible value have empty buckets: they lie before the first one that can be hit.
        let bounds: Box<[V::Raw]> = descriptor
            .buckets()
            .iter()
            .filter_map(|bound| V::bound(*bound, descriptor.scale()))
            .collect();
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        HistogramCell { bounds, counts, sum: AtomicU64::new(0) }
    }

    fn handle(cell: Arc<HistogramCell<V>>, shared: Arc<Shared>) -> Self {
        Self { cell, shared }
    }

    fn read(cell: &HistogramCell<V>, descriptor: &Descriptor, _: &Shared) -> PointData {
        let unreachable = descriptor.buckets().len() - cell.bounds.len();
        let counts = std::iter::repeat_n(0, unreachable)
            .chain(cell.counts.iter().map(|count| count.load(Ordering::Relaxed)));
        let sum = V::sum(cell.sum.load(Ordering::Relaxed), descriptor.scale());
        PointData::Histogram(HistogramPoint::new(descriptor.buckets(), counts.collect(), sum))
    }
}

//! Histograms.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use super::sealed;
use crate::series::{Route, SeriesRef};
use crate::slab::{self, domain};
use crate::value::ValueType;
use crate::{Kind, Observed};

/// Counts observations in buckets and sums them up.
///
/// A value belongs to the first bucket whose bound is not below it. The total count is derived from the buckets, so the
/// two can never disagree. NaN and infinity are refused and counted
/// ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
#[derive(Debug)]
pub struct Histogram<V: Observed = f64> {
    series: SeriesRef,
    value: PhantomData<fn(V)>,
}

impl<V: Observed> Histogram<V> {
    /// Records one value.
    #[inline]
    pub fn observe(&self, value: V) {
        let Some(slot) = self.series.slot() else {
            if !self.series.is_off() {
                self.observe_slowly(value);
            }
            return;
        };
        let Some(slab) = slab::current() else { return self.observe_slowly(value) };
        let Some(raw) = value.raw() else { return self.reject() };
        // A layout is one of the metric's own values: this never is anything else.
        if let Some(bucket) = V::bucket(self.series.family().layout(), raw) {
            slab.observe(slot + cell(bucket), |sum| V::sum_with(sum, raw));
        }
    }

    /// How many values were recorded. For tests and displays, as it looks at every thread.
    #[must_use]
    pub fn count(&self) -> u64 {
        let cells = self.series.cells();
        let shared = cells.iter().step_by(2).map(|count| count.load(Ordering::Relaxed));
        let slots = self.series.head().slot().into_iter().flat_map(|slot| slot..);
        let threads = slots.take(cells.len()).step_by(2).map(|slot| domain().total(slot));
        shared.chain(threads).sum()
    }

    #[cold]
    fn observe_slowly(&self, value: V) {
        let Some(raw) = value.raw() else { return self.reject() };
        let Some(bucket) = V::bucket(self.series.family().layout(), raw) else { return };
        match self.series.route() {
            Route::Off => return,
            Route::Slab(slab, slot) => {
                slab.observe(slot + cell(bucket), |sum| V::sum_with(sum, raw));
            }
            Route::Shared(cells) => {
                V::add_sum(&cells[2 * bucket + 1], raw);
                cells[2 * bucket].fetch_add(1, Ordering::Release);
            }
        }
        // The sum of one value is that value.
        self.series.family().offer_exemplar(self.series.head(), bucket, V::sum_with(0, raw));
    }

    #[cold]
    fn reject(&self) {
        let family = self.series.family();
        if family.is_enabled() {
            family.shared().reject();
        }
    }
}

#[cfg(feature = "metrics")]
impl Histogram<f64> {
    /// Records one value `count` times.
    pub(crate) fn observe_many(&self, value: f64, count: u64) {
        use crate::value::sealed::Observed as _;

        let family = self.series.family();
        if count == 0 || !family.is_enabled() {
            return;
        }
        let Some(raw) = value.raw() else { return self.reject() };
        let Some(bucket) = f64::bucket(family.layout(), raw) else { return };
        // Straight into the shared cells: a slab counts one by one.
        let cells = self.series.cells();
        f64::add_sum(&cells[2 * bucket + 1], raw * count as f64);
        cells[2 * bucket].fetch_add(count, Ordering::Release);
    }
}

/// The first cell of a bucket.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a series has fewer than 2^23 cells")]
fn cell(bucket: usize) -> u32 {
    2 * bucket as u32
}

impl<V: Observed> Clone for Histogram<V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { series: self.series.clone(), value: PhantomData }
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl<V: Observed> sealed::Metric for Histogram<V> {
    const KIND: Kind = Kind::Histogram;
    const VALUE: ValueType = V::TYPE;

    #[inline]
    fn new(series: SeriesRef) -> Self {
        Self { series, value: PhantomData }
    }
}

//! Summaries: quantiles over a sliding window.

use std::marker::PhantomData;

use super::sealed;
use crate::series::{Route, SeriesRef};
use crate::slab;
use crate::summary::Run;
use crate::value::ValueType;
use crate::{Kind, Number, Observed};

/// Keeps the quantiles of the values observed in a sliding window, and the count and sum of all values ever observed.
///
/// The window moves in five steps, so a value is forgotten between the window and a fifth more after it was observed.
/// A quantile `q` of `n` values is the value of rank `ceil(q * n)` (nearest rank), the smallest for `q = 0`; it is within
/// 0.8 % of that value, and never outside the smallest and the largest value of the window, which are exact. With no
/// values there are no quantiles.
///
/// Values of `f64` are kept in billionths, from 0 to below 1.8e10. NaN, infinity and values out of that range are refused
/// and counted ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
///
/// Recording reads the clock, for the window, and takes no lock.
#[derive(Debug)]
pub struct Summary<V: Observed = f64> {
    series: SeriesRef,
    value: PhantomData<fn(V)>,
}

impl<V: Observed> Summary<V> {
    /// Records one value.
    #[inline]
    pub fn observe(&self, value: V) {
        match (self.series.slot(), slab::current()) {
            (Some(slot), Some(slab)) => self.record(value, Some(Run::new(slab, slot))),
            _ if self.series.is_off() => {}
            _ => self.observe_slowly(value),
        }
    }

    /// The quantile `q` of the window, in the exported unit; `None` when the window is empty or `q` is not within 0 and
    /// 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let family = self.series.family();
        let scale = V::TYPE.quantile_scale(family.descriptor().scale());
        let (head, step) = (self.series.head(), &self.series.cells()[0]);
        let now = family.shared().clock().now();
        let quantile =
            family.windows.read(head, step, now, u64::wrapping_add, |window| window.quantile(q));
        quantile.map(|raw| Number::Unsigned(raw, scale).as_f64())
    }

    fn record(&self, value: V, run: Option<Run<'_>>) {
        let family = self.series.family();
        let raw = value.raw();
        let Some((raw, quantile)) = raw.and_then(|raw| Some((raw, V::quantile_raw(raw)?))) else {
            return family.shared().reject();
        };
        let (head, epoch) = (self.series.head(), &self.series.cells()[0]);
        let now = family.shared().clock().now();
        family.windows.record(head, epoch, now, run, quantile, |sum| V::sum_with(sum, raw));
    }

    #[cold]
    fn observe_slowly(&self, value: V) {
        match self.series.route() {
            Route::Off => {}
            Route::Slab(slab, slot) => self.record(value, Some(Run::new(slab, slot))),
            Route::Shared(_) => self.record(value, None),
        }
    }
}

impl<V: Observed> Clone for Summary<V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { series: self.series.clone(), value: PhantomData }
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl<V: Observed> sealed::Metric for Summary<V> {
    const KIND: Kind = Kind::Summary;
    const VALUE: ValueType = V::TYPE;

    #[inline]
    fn new(series: SeriesRef) -> Self {
        Self { series, value: PhantomData }
    }
}

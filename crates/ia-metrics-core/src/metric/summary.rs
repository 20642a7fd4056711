//! Summaries: quantiles over a sliding window.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram as Hdr;

use super::sealed;
use crate::shared::Shared;
use crate::snapshot::{PointData, SummaryPoint};
use crate::value::ValueType;
use crate::{Descriptor, Kind, Number, Observed, Scale};

/// The window moves on in this many steps.
const SLICES: u32 = 5;

/// Two significant digits: at most 50 kB a slice for values between a microsecond and an hour.
const SIGNIFICANT_DIGITS: u8 = 2;

/// Keeps the quantiles of the values observed in a sliding window, and the count and sum of all values ever observed.
///
/// The window moves in five steps, so a value is forgotten between the window and a fifth more after it was observed.
/// A quantile `q` of `n` values is the value of rank `ceil(q * n)` (nearest rank), the smallest for `q = 0`; it is within
/// 0.8 % of that value, and never outside the smallest and the largest value of the window, which are exact. With no
/// values there are no quantiles.
///
/// Values of `f64` are kept in billionths, from 0 to below 1.8e10. NaN, infinity and values out of that range are refused
/// and counted ([`RegistryStats::rejected`](crate::RegistryStats::rejected)).
#[derive(Clone, Debug)]
pub struct Summary<V: Observed = f64> {
    cell: Arc<SummaryCell<V>>,
    shared: Arc<Shared>,
}

impl<V: Observed> Summary<V> {
    /// Records one value.
    pub fn observe(&self, value: V) {
        if !self.shared.is_enabled() {
            return;
        }
        let recorded =
            value.raw().is_some_and(|raw| self.cell.observe(raw, self.shared.clock().now()));
        if !recorded {
            self.shared.reject();
        }
    }

    /// The quantile `q` of the window, in the exported unit; `None` when the window is empty or `q` is not within 0 and
    /// 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let mut window = self.cell.lock();
        window.advance(self.shared.clock().now());
        self.cell.quantile(&window.merged(), q)
    }
}

/// The window of one series, and its totals.
#[derive(Debug)]
#[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
pub struct SummaryCell<V: Observed> {
    scale: Scale,
    quantile_scale: Scale,
    window: Mutex<Window>,
    sum: AtomicU64,
    value: PhantomData<V>,
}

impl<V: Observed> SummaryCell<V> {
    fn observe(&self, raw: V::Raw, now: Instant) -> bool {
        let Some(value) = V::quantile_raw(raw) else { return false };
        let mut window = self.lock();
        window.advance(now);
        if !window.record(value) {
            return false;
        }
        window.count += 1;
        V::add_sum(&self.sum, raw);
        true
    }

    fn quantile(&self, slice: &Slice, q: f64) -> Option<f64> {
        slice.quantile(q).map(|raw| Number::Unsigned(raw, self.quantile_scale).as_f64())
    }

    fn lock(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest slices, newest first.
#[derive(Debug)]
struct Window {
    step: Duration,
    /// When the newest slice began.
    started: Instant,
    slices: VecDeque<Slice>,
    count: u64,
}

impl Window {
    fn advance(&mut self, now: Instant) {
        let steps = now.saturating_duration_since(self.started).as_nanos() / self.step.as_nanos();
        let Ok(steps @ 1..) = u32::try_from(steps) else { return };
        if steps > SLICES {
            self.slices.clear();
            self.started = now;
            return;
        }
        for _ in 0..steps {
            self.slices.push_front(Slice::default());
        }
        // One more than there are steps in the window: the oldest is only partly in it, and stays until it is not at all.
        self.slices.truncate(SLICES as usize + 1);
        self.started += self.step * steps;
    }

    fn record(&mut self, value: u64) -> bool {
        if self.slices.is_empty() {
            self.slices.push_front(Slice::default());
        }
        self.slices.front_mut().is_some_and(|slice| slice.record(value))
    }

    fn merged(&self) -> Slice {
        let mut all = Slice::default();
        for slice in &self.slices {
            all.merge(slice);
        }
        all
    }
}

/// The values of one step of the window.
#[derive(Debug, Default)]
struct Slice {
    values: Option<Hdr<u64>>,
    smallest: Option<u64>,
    largest: Option<u64>,
}

impl Slice {
    fn record(&mut self, value: u64) -> bool {
        if self.values.is_none() {
            self.values = Hdr::new(SIGNIFICANT_DIGITS).ok();
        }
        let recorded = self.values.as_mut().is_some_and(|values| values.record(value).is_ok());
        if recorded {
            self.smallest = Some(self.smallest.map_or(value, |smallest| smallest.min(value)));
            self.largest = Some(self.largest.map_or(value, |largest| largest.max(value)));
        }
        recorded
    }

    fn merge(&mut self, other: &Self) {
        let Some(values) = &other.values else { return };
        match &mut self.values {
            // Both resize themselves, so the sum of two always fits.
            Some(own) => {
                own.add(values).ok();
            }
            None => self.values = Some(values.clone()),
        }
        self.smallest = [self.smallest, other.smallest].into_iter().flatten().min();
        self.largest = [self.largest, other.largest].into_iter().flatten().max();
    }

    fn quantile(&self, q: f64) -> Option<u64> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        let (smallest, largest) = (self.smallest?, self.largest?);
        if q <= 0.0 {
            return Some(smallest);
        }
        let values = self.values.as_ref()?;
        Some(values.value_at_quantile(q).clamp(smallest, largest))
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl<V: Observed> sealed::Metric for Summary<V> {
    const KIND: Kind = Kind::Summary;
    const VALUE: ValueType = V::TYPE;
    type Cell = SummaryCell<V>;

    fn cell(descriptor: &Descriptor, shared: &Shared) -> SummaryCell<V> {
        let window = Window {
            step: descriptor.window() / SLICES,
            started: shared.clock().now(),
            slices: VecDeque::new(),
            count: 0,
        };
        SummaryCell {
            scale: descriptor.scale(),
            quantile_scale: V::quantile_scale(descriptor.scale()),
            window: Mutex::new(window),
            sum: AtomicU64::new(0),
            value: PhantomData,
        }
    }

    fn handle(cell: Arc<SummaryCell<V>>, shared: Arc<Shared>) -> Self {
        Self { cell, shared }
    }

    fn read(cell: &SummaryCell<V>, _: &Descriptor, shared: &Shared) -> PointData {
        let mut window = cell.lock();
        window.advance(shared.clock().now());
        let merged = window.merged();
        let quantiles = SummaryPoint::QUANTILES.map(|q| (q, cell.quantile(&merged, q)));
        let sum = V::sum(cell.sum.load(Ordering::Relaxed), cell.scale);
        PointData::Summary(SummaryPoint::new(quantiles, window.count, sum))
    }
}

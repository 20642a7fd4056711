//! The Rust types that gauges hold and that histograms and summaries observe.

use std::fmt::Debug;
use std::time::Duration;

use crate::{Number, Scale, Unit};

/// A type that a gauge can hold: `i64` (exact under any mix of threads) or `f64`.
pub trait GaugeValue: sealed::Gauge + Copy + Debug + Send + Sync + 'static {}

impl GaugeValue for f64 {}
impl GaugeValue for i64 {}

/// A type that histograms and summaries can observe.
///
/// `Duration` and `u64` are summed as integers: exact, and the same whatever the order. `f64` sums depend on the order
/// in their last bits. All sums stop at the ends of their range: for durations that is 584 years.
pub trait Observed: sealed::Observed + Copy + Debug + Send + Sync + 'static {}

impl Observed for Duration {}
impl Observed for f64 {}
impl Observed for u64 {}

/// Which of the types above a descriptor carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    Duration,
    Float,
    Signed,
    Unsigned,
}

impl ValueType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "Duration",
            Self::Float => "f64",
            Self::Signed => "i64",
            Self::Unsigned => "u64",
        }
    }
}

pub(crate) mod sealed {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
    use std::time::Duration;

    use super::{Number, Scale, Unit, ValueType};

    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Gauge: Sized {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType;
        type Cell: Default + Send + Sync + std::fmt::Debug + 'static;
        fn valid(self) -> bool;
        fn set(cell: &Self::Cell, value: Self);
        fn add(cell: &Self::Cell, value: Self);
        fn negate(self) -> Self;
        fn get(cell: &Self::Cell) -> Self;
        fn number(self, scale: Scale) -> Number;
        const ONE: Self;
    }

    impl Gauge for i64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Signed;
        type Cell = AtomicI64;
        const ONE: Self = 1;

        fn valid(self) -> bool {
            true
        }

        fn set(cell: &AtomicI64, value: Self) {
            cell.store(value, Ordering::Relaxed);
        }

        fn add(cell: &AtomicI64, value: Self) {
            cell.fetch_add(value, Ordering::Relaxed);
        }

        fn negate(self) -> Self {
            self.wrapping_neg()
        }

        fn get(cell: &AtomicI64) -> Self {
            cell.load(Ordering::Relaxed)
        }

        fn number(self, scale: Scale) -> Number {
            Number::Signed(self, scale)
        }
    }

    impl Gauge for f64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Float;
        type Cell = AtomicU64;
        const ONE: Self = 1.0;

        fn valid(self) -> bool {
            self.is_finite()
        }

        fn set(cell: &AtomicU64, value: Self) {
            cell.store(value.to_bits(), Ordering::Relaxed);
        }

        fn add(cell: &AtomicU64, value: Self) {
            add_float(cell, value);
        }

        fn negate(self) -> Self {
            -self
        }

        fn get(cell: &AtomicU64) -> Self {
            Self::from_bits(cell.load(Ordering::Relaxed))
        }

        fn number(self, _scale: Scale) -> Number {
            Number::Float(self)
        }
    }

    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Observed: Sized {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType;
        /// The scale of a metric of such values, unless it is told otherwise.
        const SCALE: Scale = Scale::ONE;
        /// The unit of a metric of such values, unless it is told otherwise.
        const UNIT: Unit = Unit::None;
        /// A value as buckets compare it: ordered like the value itself.
        type Raw: Copy + PartialOrd + Send + Sync + std::fmt::Debug + 'static;
        fn raw(self) -> Option<Self::Raw>;
        /// The largest raw value that a bucket of this upper bound takes, or `None` where no value fits.
        fn bound(bound: f64, scale: Scale) -> Option<Self::Raw>;
        fn add_sum(sum: &AtomicU64, raw: Self::Raw);
        fn sum(bits: u64, scale: Scale) -> Number;
        /// The value as the integer that quantiles are kept of, or `None` where it is out of range.
        fn quantile_raw(raw: Self::Raw) -> Option<u64>;
        /// The scale of [`Self::quantile_raw`], given the metric's own.
        fn quantile_scale(scale: Scale) -> Scale;
    }

    impl Observed for u64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Unsigned;
        type Raw = Self;

        fn raw(self) -> Option<Self> {
            Some(self)
        }

        fn bound(bound: f64, scale: Scale) -> Option<Self> {
            integer_bound(bound, scale)
        }

        fn add_sum(sum: &AtomicU64, raw: Self) {
            add_saturating(sum, raw);
        }

        fn sum(bits: Self, scale: Scale) -> Number {
            Number::Unsigned(bits, scale)
        }

        fn quantile_raw(raw: Self) -> Option<Self> {
            Some(raw)
        }

        fn quantile_scale(scale: Scale) -> Scale {
            scale
        }
    }

    impl Observed for Duration {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Duration;
        const SCALE: Scale = Scale::NANO;
        const UNIT: Unit = Unit::Seconds;
        type Raw = u64;

        fn raw(self) -> Option<u64> {
            Some(u64::try_from(self.as_nanos()).unwrap_or(u64::MAX))
        }

        fn bound(bound: f64, scale: Scale) -> Option<u64> {
            integer_bound(bound, scale)
        }

        fn add_sum(sum: &AtomicU64, raw: u64) {
            add_saturating(sum, raw);
        }

        fn sum(bits: u64, scale: Scale) -> Number {
            Number::Unsigned(bits, scale)
        }

        fn quantile_raw(raw: u64) -> Option<u64> {
            Some(raw)
        }

        fn quantile_scale(scale: Scale) -> Scale {
            scale
        }
    }

    impl Observed for f64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Float;
        type Raw = Self;

        fn raw(self) -> Option<Self> {
            self.is_finite().then_some(self)
        }

        fn bound(bound: f64, _scale: Scale) -> Option<Self> {
            Some(bound)
        }

        fn add_sum(sum: &AtomicU64, raw: Self) {
            add_float(sum, raw);
        }

        fn sum(bits: u64, _scale: Scale) -> Number {
            Number::Float(Self::from_bits(bits))
        }

        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked first"
        )]
        fn quantile_raw(raw: Self) -> Option<u64> {
            let nanos = (raw * 1e9).round();
            (0.0..1.8e19).contains(&nanos).then_some(nanos as u64)
        }

        fn quantile_scale(_scale: Scale) -> Scale {
            Scale::NANO
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked first"
    )]
    fn integer_bound(bound: f64, scale: Scale) -> Option<u64> {
        let exact = bound * scale.divisor() as f64;
        // 0.1 s times 10^9 may land a hair below a whole number of nanoseconds: that hair is not meant.
        let rounded = exact.round();
        let whole =
            if (exact - rounded).abs() <= rounded.abs() * 1e-12 { rounded } else { exact.floor() };
        if whole < 0.0 {
            None
        } else if whole >= 1.8e19 {
            Some(u64::MAX)
        } else {
            Some(whole as u64)
        }
    }

    /// Adds, and stops at the end of the range: a sum that goes back would look like a restart.
    fn add_saturating(cell: &AtomicU64, value: u64) {
        let sum = |old: u64| Some(old.saturating_add(value));
        cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).ok();
    }

    /// Adds, and stops at the ends of the range: infinity would stay for ever.
    fn add_float(cell: &AtomicU64, value: f64) {
        let mut old = cell.load(Ordering::Relaxed);
        loop {
            let new = (f64::from_bits(old) + value).clamp(f64::MIN, f64::MAX).to_bits();
            match cell.compare_exchange_weak(old, new, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(seen) => old = seen,
            }
        }
    }
}

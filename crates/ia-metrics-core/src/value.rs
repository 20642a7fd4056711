//! The Rust types that gauges hold and that histograms and summaries observe.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::slab::add_float_bits;
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
    /// A cell as a number of this type.
    pub(crate) fn number(self, bits: u64, scale: Scale) -> Number {
        match self {
            Self::Duration | Self::Unsigned => Number::Unsigned(bits, scale),
            Self::Float => Number::Float(f64::from_bits(bits)),
            Self::Signed => Number::Signed(bits.cast_signed(), scale),
        }
    }

    /// The scale of the integers that quantiles are kept of, given that of the metric.
    pub(crate) fn quantile_scale(self, scale: Scale) -> Scale {
        if self == Self::Float { Scale::NANO } else { scale }
    }

    /// Adds the bits of two sums of this type.
    pub(crate) fn add(self, a: u64, b: u64) -> u64 {
        match self {
            Self::Duration | Self::Unsigned => a.saturating_add(b),
            Self::Float => add_float_bits(a, b),
            Self::Signed => a.wrapping_add(b),
        }
    }

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
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::{Scale, Unit, ValueType, add_float, add_saturating};
    use crate::family::Layout;

    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Gauge: Sized {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType;
        const ONE: Self;
        fn valid(self) -> bool;
        fn set(cell: &AtomicU64, value: Self);
        fn add(cell: &AtomicU64, value: Self);
        fn negate(self) -> Self;
        fn get(cell: &AtomicU64) -> Self;
    }

    impl Gauge for i64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Signed;
        const ONE: Self = 1;

        fn valid(self) -> bool {
            true
        }

        fn set(cell: &AtomicU64, value: Self) {
            cell.store(value.cast_unsigned(), Ordering::Relaxed);
        }

        fn add(cell: &AtomicU64, value: Self) {
            cell.fetch_add(value.cast_unsigned(), Ordering::Relaxed);
        }

        fn negate(self) -> Self {
            self.wrapping_neg()
        }

        fn get(cell: &AtomicU64) -> Self {
            cell.load(Ordering::Relaxed).cast_signed()
        }
    }

    impl Gauge for f64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Float;
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
    }

    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait Observed: Sized {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType;
        /// The scale of a metric of such values, unless it is told otherwise.
        const SCALE: Scale = Scale::ONE;
        /// The unit of a metric of such values, unless it is told otherwise.
        const UNIT: Unit = Unit::None;
        /// A value as it is recorded: ordered like the value itself.
        type Raw: Copy + PartialOrd + Send + Sync + std::fmt::Debug + 'static;
        /// `None` where it cannot be recorded.
        fn raw(self) -> Option<Self::Raw>;
        /// The bucket of a value; `None` where the layout is not one of such values.
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        fn bucket(layout: &Layout, raw: Self::Raw) -> Option<usize>;
        /// A sum, given as the bits of its cell, and a value more.
        fn sum_with(bits: u64, raw: Self::Raw) -> u64;
        /// Adds a value to a shared sum.
        fn add_sum(sum: &AtomicU64, raw: Self::Raw);
        /// The value as the integer that quantiles are kept of, or `None` where it is out of range.
        fn quantile_raw(raw: Self::Raw) -> Option<u64>;
    }

    impl Observed for u64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Unsigned;
        type Raw = Self;

        #[inline]
        fn raw(self) -> Option<Self> {
            Some(self)
        }

        #[inline]
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        fn bucket(layout: &Layout, raw: Self) -> Option<usize> {
            integer_bucket(layout, raw)
        }

        #[inline]
        fn sum_with(bits: u64, raw: Self) -> u64 {
            bits.saturating_add(raw)
        }

        fn add_sum(sum: &AtomicU64, raw: Self) {
            add_saturating(sum, raw);
        }

        fn quantile_raw(raw: Self) -> Option<Self> {
            Some(raw)
        }
    }

    impl Observed for Duration {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Duration;
        const SCALE: Scale = Scale::NANO;
        const UNIT: Unit = Unit::Seconds;
        type Raw = u64;

        #[inline]
        fn raw(self) -> Option<u64> {
            let nanos = self.as_secs().saturating_mul(1_000_000_000);
            Some(nanos.saturating_add(u64::from(self.subsec_nanos())))
        }

        #[inline]
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        fn bucket(layout: &Layout, raw: u64) -> Option<usize> {
            integer_bucket(layout, raw)
        }

        #[inline]
        fn sum_with(bits: u64, raw: u64) -> u64 {
            bits.saturating_add(raw)
        }

        fn add_sum(sum: &AtomicU64, raw: u64) {
            add_saturating(sum, raw);
        }

        fn quantile_raw(raw: u64) -> Option<u64> {
            Some(raw)
        }
    }

    impl Observed for f64 {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        const TYPE: ValueType = ValueType::Float;
        type Raw = Self;

        #[inline]
        fn raw(self) -> Option<Self> {
            self.is_finite().then_some(self)
        }

        #[inline]
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        fn bucket(layout: &Layout, raw: Self) -> Option<usize> {
            match layout {
                Layout::Floats(search) => Some(search.bucket(raw)),
                Layout::ExponentialFloats(index) => Some(index.cell(raw)),
                _ => None,
            }
        }

        #[inline]
        fn sum_with(bits: u64, raw: Self) -> u64 {
            // A sum that has left the range is brought back when it is read.
            (Self::from_bits(bits) + raw).to_bits()
        }

        fn add_sum(sum: &AtomicU64, raw: Self) {
            add_float(sum, raw);
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
    }

    #[inline]
    fn integer_bucket(layout: &Layout, raw: u64) -> Option<usize> {
        match layout {
            Layout::Integers(search, _) => Some(search.bucket(raw)),
            Layout::ExponentialIntegers(index) => Some(index.cell(raw)),
            _ => None,
        }
    }
}

/// The largest integer that a bucket of this upper bound takes, or `None` where none fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked first"
)]
pub(crate) fn integer_bound(bound: f64, scale: Scale) -> Option<u64> {
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
    let sum = |old: u64| Some(add_float_bits(old, value.to_bits()));
    cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).ok();
}

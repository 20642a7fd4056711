//! Units and scales: integers inside, units at the edge.

use std::fmt;

/// The base unit in which a metric is exported.
///
/// Defaults to [`Unit::None`]. Prometheus and OpenMetrics ask that the unit ends the metric's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// No unit: things are counted.
    #[default]
    None,
    /// Percent, where 100 is the whole.
    Percent,
    /// A ratio, where 1 is the whole.
    Ratio,
    /// Seconds.
    Seconds,
    /// United States dollars.
    Usd,
}

impl Unit {
    /// The unit as OpenMetrics writes it; empty for [`Unit::None`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::None => "",
            Self::Percent => "percent",
            Self::Ratio => "ratio",
            Self::Seconds => "seconds",
            Self::Usd => "usd",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many decimal places a metric's integer carries: the exported value is the integer divided by `10^places`.
///
/// Sums of integers are exact and merge exactly, whatever the order; the division happens once, on export.
///
/// ```
/// use ia_metrics_core::Scale;
///
/// assert_eq!(Scale::NANO.places(), 9);
/// assert_eq!(Scale::ONE.places(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scale(u8);

impl Scale {
    /// The integer is the value.
    pub const ONE: Self = Self(0);
    /// The integer counts thousandths.
    pub const MILLI: Self = Self(3);
    /// The integer counts millionths.
    pub const MICRO: Self = Self(6);
    /// The integer counts billionths: nanoseconds for seconds, nano-dollars for dollars.
    pub const NANO: Self = Self(9);

    /// The number of decimal places.
    #[must_use]
    pub const fn places(self) -> u8 {
        self.0
    }

    /// What the integer is divided by.
    pub(crate) const fn divisor(self) -> u64 {
        10_u64.pow(self.0 as u32)
    }
}

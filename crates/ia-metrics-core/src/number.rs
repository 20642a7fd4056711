//! A value on its way out: an exact scaled integer, or a float.

use std::fmt;

use crate::Scale;

/// A metric's value as it leaves the registry.
///
/// `Display` writes integers exactly, with their decimal places, and floats as the Prometheus text format wants them
/// (`NaN`, `+Inf`, `-Inf`).
///
/// ```
/// use ia_metrics_core::{Number, Scale};
///
/// let cost = Number::Unsigned(2_602_500, Scale::NANO);
/// assert_eq!(cost.to_string(), "0.0026025");
/// assert!((cost.as_f64() - 0.002_602_5).abs() < 1e-12);
/// assert_eq!(Number::Float(f64::INFINITY).to_string(), "+Inf");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// A float.
    Float(f64),
    /// A signed integer and its scale.
    Signed(i64, Scale),
    /// An unsigned integer and its scale.
    Unsigned(u64, Scale),
}

impl Number {
    /// The value in the metric's unit. Integers above 2^53 lose their last digits here, and only here.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Float(value) => value,
            Self::Signed(raw, scale) => raw as f64 / scale.divisor() as f64,
            Self::Unsigned(raw, scale) => raw as f64 / scale.divisor() as f64,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Float(value) => write_float(f, value),
            Self::Signed(raw, scale) => {
                if raw < 0 {
                    f.write_str("-")?;
                }
                write_scaled(f, raw.unsigned_abs(), scale)
            }
            Self::Unsigned(raw, scale) => write_scaled(f, raw, scale),
        }
    }
}

fn write_scaled(f: &mut fmt::Formatter<'_>, raw: u64, scale: Scale) -> fmt::Result {
    let (whole, mut rest) = (raw / scale.divisor(), raw % scale.divisor());
    write!(f, "{whole}")?;
    if rest == 0 {
        return Ok(());
    }
    let mut places = usize::from(scale.places());
    while rest.is_multiple_of(10) {
        rest /= 10;
        places -= 1;
    }
    write!(f, ".{rest:0places$}")
}

fn write_float(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value.is_nan() {
        f.write_str("NaN")
    } else if value.is_infinite() {
        f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else if value != 0.0 && !(1e-6..1e17).contains(&value.abs()) {
        write!(f, "{value:e}")
    } else {
        write!(f, "{value}")
    }
}

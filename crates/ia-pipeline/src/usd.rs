//! Money, exact.

use std::error::Error;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

const NANOS: i64 = 1_000_000_000;

/// An amount in United States dollars, counted in billionths: sums are exact in whatever order they are made.
///
/// Arithmetic stops at the ends of the range, ±9.2 billion dollars.
///
/// ```
/// use ia_pipeline::{Usd, usd};
///
/// assert_eq!(usd("0.0000026").as_nanos(), 2_600);
/// assert_eq!((Usd::from_nanos(100_000_000) + usd("0.2")).to_string(), "$0.30");
/// assert_eq!("0.0026025".parse::<Usd>()?.to_string(), "$0.0026025");
/// # Ok::<(), ia_pipeline::ParseUsdError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

/// A text is not an amount of dollars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseUsdError {
    text: String,
}

/// The amount written in `text`, for amounts written in the source: in a constant, a mistake is a compile error.
///
/// # Panics
///
/// When `text` is not a decimal number with at most nine decimal places, or out of range. For other texts use
/// [`str::parse`].
#[must_use]
pub const fn usd(text: &str) -> Usd {
    match parse(text) {
        Some(nanos) => Usd(nanos),
        #[expect(
            clippy::panic,
            reason = "the documented answer to an amount that is wrong in the source"
        )]
        None => panic!(
            "not an amount of dollars: write it like \"5.00\", with at most nine decimal places"
        ),
    }
}

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of billionths of a dollar.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The amount in billionths of a dollar.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The amount as a float, for displays and for what calculates no further.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / NANOS as f64
    }
}

/// Reads `[-]digits[.digits]` into billionths.
const fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let negative = !bytes.is_empty() && bytes[0] == b'-';
    let mut i = negative as usize;
    let (mut nanos, mut digits, mut places, mut point) = (0_i64, 0_u32, 0_u32, false);
    while i < bytes.len() {
        match bytes[i] {
            b'0'..=b'9' => {
                digits += 1;
                places += point as u32;
                if places > 9 {
                    return None;
                }
                nanos = match nanos.checked_mul(10) {
                    Some(ten) => match ten.checked_add((bytes[i] - b'0') as i64) {
                        Some(sum) => sum,
                        None => return None,
                    },
                    None => return None,
                };
            }
            b'.' if !point && digits > 0 => point = true,
            _ => return None,
        }
        i += 1;
    }
    if digits == 0 || (point && places == 0) {
        return None;
    }
    let Some(nanos) = nanos.checked_mul(10_i64.pow(9 - places)) else { return None };
    Some(if negative { -nanos } else { nanos })
}

impl FromStr for Usd {
    type Err = ParseUsdError;

    fn from_str(text: &str) -> Result<Self, ParseUsdError> {
        parse(text).map(Self).ok_or_else(|| ParseUsdError { text: text.to_owned() })
    }
}

impl fmt::Display for Usd {
    /// With a dollar sign and at least two decimal places: `$5.00`, `-$0.0026025`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, nanos) = (
            self.0.unsigned_abs() / NANOS.unsigned_abs(),
            self.0.unsigned_abs() % NANOS.unsigned_abs(),
        );
        let places = format!("{nanos:09}");
        let places = places.trim_end_matches('0');
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}${whole}.{places:0<2}"))
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for ParseUsdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not an amount of dollars: write it like `5.00`, with at most nine decimal places and within ±9.2 billion",
            self.text.escape_debug()
        )
    }
}

impl Error for ParseUsdError {}

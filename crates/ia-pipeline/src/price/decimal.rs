//! Reads prices exactly: a float would be near the decimal in the file, and not it.

use std::fmt;

/// The decimal places of a trillionth.
const PLACES: i64 = 12;

/// A price in trillionths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Picos {
    pub(super) picos: u64,
    /// Whether the decimal was finer than a trillionth.
    pub(super) rounded: bool,
}

/// Why a number is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPrice {
    Negative,
    NotANumber,
    TooLarge,
    TooSmall,
}

impl Picos {
    /// Reads a number as JSON writes it, in dollars: the nearest trillionth, half up. What is not zero is not read as
    /// zero.
    pub(super) fn read(number: &str) -> Result<Self, NoPrice> {
        let (negative, number) = match number.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, number),
        };
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NoPrice::NotANumber);
        }
        let places = i64::try_from(fraction.len()).map_err(|_| NoPrice::NotANumber)?;
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self { picos: 0, rounded: false });
        }
        if negative {
            return Err(NoPrice::Negative);
        }
        let shift = exponent_of(exponent)? - places + PLACES;
        let picos = shifted(significant, shift)?;
        if picos.picos == 0 { Err(NoPrice::TooSmall) } else { Ok(picos) }
    }
}

/// A power of ten far outside of any price stands for all that are further.
fn exponent_of(text: &str) -> Result<i64, NoPrice> {
    const FAR: i64 = 1 << 32;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(NoPrice::NotANumber);
    }
    let exponent = digits.parse::<i64>().unwrap_or(FAR).min(FAR);
    Ok(if text.starts_with('-') { -exponent } else { exponent })
}

/// The digits, which begin with none that is zero, times a power of ten.
fn shifted(digits: &str, shift: i64) -> Result<Picos, NoPrice> {
    let Ok(cut) = usize::try_from(-shift) else {
        let ten = u32::try_from(shift).ok().and_then(|shift| 10_u64.checked_pow(shift));
        let picos = digits.parse::<u64>().ok().zip(ten).and_then(|(n, ten)| n.checked_mul(ten));
        return picos.map(|picos| Picos { picos, rounded: false }).ok_or(NoPrice::TooLarge);
    };
    let Some(kept) = digits.len().checked_sub(cut) else {
        return Ok(Picos { picos: 0, rounded: true });
    };
    let (kept, rest) = digits.split_at(kept);
    let kept = if kept.is_empty() { Ok(0) } else { kept.parse::<u64>() };
    let up = u64::from(rest.starts_with(['5', '6', '7', '8', '9']));
    let picos = kept.ok().and_then(|kept| kept.checked_add(up)).ok_or(NoPrice::TooLarge)?;
    Ok(Picos { picos, rounded: rest.bytes().any(|digit| digit != b'0') })
}

impl fmt::Display for NoPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "a price cannot be negative",
            Self::NotANumber => "a price is a number of dollars",
            Self::TooLarge => "a price is at most 18,446,744 dollars per token",
            Self::TooSmall => "a price that is not 0 is at least half a trillionth of a dollar",
        })
    }
}

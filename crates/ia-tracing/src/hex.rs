//! Lower-case hex, the only spelling the W3C trace context knows.

use crate::ParseIdError;

/// Reads exactly `digits` lower-case hex digits as a non-zero number.
pub(crate) fn parse(text: &str, digits: usize) -> Result<u128, ParseIdError> {
    // The first bad character says more than the length: `trace-01` is no hex at any length.
    if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| digit(*c).is_none()) {
        return Err(ParseIdError::InvalidDigit { index, found });
    }
    if text.len() != digits {
        return Err(ParseIdError::WrongLength { expected: digits, found: text.len() });
    }
    let value = text.chars().filter_map(digit).fold(0, |sum, d| (sum << 4) | u128::from(d));
    if value == 0 { Err(ParseIdError::AllZero) } else { Ok(value) }
}

fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        'a'..='f' => Some(c as u8 - b'a' + 10),
        _ => None,
    }
}

//! Why a text is not a trace or span id.

use std::error::Error;
use std::fmt;

/// Why a text is not a W3C trace or span id. Each message says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseIdError {
    /// Every digit is zero, which W3C reserves for "no id".
    AllZero,
    /// A character that is not a lower-case hex digit. Upper case is refused too, as W3C demands.
    InvalidDigit {
        /// Where it stands, counted in characters from zero.
        index: usize,
        /// The character.
        found: char,
    },
    /// Too few or too many digits.
    WrongLength {
        /// 32 for a trace id, 16 for a span id.
        expected: usize,
        /// The digits found.
        found: usize,
    },
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllZero => f.write_str(
                "the id is all zero, which W3C reserves for \"no id\": leave the id out instead",
            ),
            Self::InvalidDigit { index, found } if found.is_ascii_hexdigit() => {
                write!(
                    f,
                    "upper-case digit {found:?} at position {index}: write the id in lower case"
                )
            }
            Self::InvalidDigit { index, found } => {
                write!(f, "{found:?} at position {index} is not a hex digit: use only 0-9 and a-f")
            }
            Self::WrongLength { expected, found } => {
                write!(
                    f,
                    "{found} digits where {expected} are needed: {}",
                    remedy(*expected, *found)
                )
            }
        }
    }
}

impl Error for ParseIdError {}

fn remedy(expected: usize, found: usize) -> &'static str {
    match (expected, found) {
        (16, 32) => "this looks like a trace id, give the span id",
        (32, 16) => {
            "this looks like a span id or a 64-bit trace id, pad the latter with zeros on the left"
        }
        (_, 0) => "the text is empty",
        (_, n) if n < expected => "pad it with zeros on the left",
        _ => "trace ids have 32 digits, span ids 16",
    }
}

//! The id of one span.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use crate::{ParseIdError, hex, random};

/// The W3C id of one span within its trace: 8 bytes, never all zero.
///
/// ```
/// use ia_tracing::SpanId;
///
/// let id: SpanId = "00f067aa0ba902b7".parse()?;
/// assert_eq!(id.to_bytes(), [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
/// # Ok::<(), ia_tracing::ParseIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    const DIGITS: usize = 16;

    /// A new random id.
    #[must_use]
    pub fn random() -> Self {
        loop {
            if let Some(id) = NonZeroU64::new(random::next_u64()) {
                return Self(id);
            }
        }
    }

    /// The id of these bytes, most significant first; `None` when all are zero.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        match NonZeroU64::new(u64::from_be_bytes(bytes)) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The bytes of the id, most significant first, as they go over the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }
}

/// 16 lower-case hex digits.
impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}

impl FromStr for SpanId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let value = hex::parse(text, Self::DIGITS)?;
        u64::try_from(value).ok().and_then(NonZeroU64::new).map(Self).ok_or(ParseIdError::AllZero)
    }
}

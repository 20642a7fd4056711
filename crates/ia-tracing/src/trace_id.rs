//! The id that all spans of one trace share.

use std::fmt;
use std::num::NonZeroU128;
use std::str::FromStr;

use crate::{ParseIdError, hex, random};

/// The W3C id that all spans of one trace share: 16 bytes, never all zero.
///
/// ```
/// use ia_tracing::TraceId;
///
/// let id: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert_ne!(TraceId::random(), TraceId::random());
/// # Ok::<(), ia_tracing::ParseIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    const DIGITS: usize = 32;

    /// A new random id.
    #[must_use]
    pub fn random() -> Self {
        loop {
            if let Some(id) = NonZeroU128::new(random::next_u128()) {
                return Self(id);
            }
        }
    }

    /// The id of these bytes, most significant first; `None` when all are zero.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        match NonZeroU128::new(u128::from_be_bytes(bytes)) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The bytes of the id, most significant first, as they go over the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.get().to_be_bytes()
    }
}

/// 32 lower-case hex digits.
impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

impl FromStr for TraceId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let value = hex::parse(text, Self::DIGITS)?;
        NonZeroU128::new(value).map(Self).ok_or(ParseIdError::AllZero)
    }
}

//! The flags byte of the W3C trace context.

use std::fmt;

/// The flags byte of the W3C trace context. Defaults to none set.
///
/// ```
/// use ia_tracing::TraceFlags;
///
/// assert!(TraceFlags::SAMPLED.is_sampled());
/// assert_eq!(TraceFlags::default().to_u8(), 0);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// The span is recorded, and whoever continues the trace should record too.
    pub const SAMPLED: Self = Self(0b0000_0001);

    /// The flags of this byte. Unknown bits are kept, so that they can be passed on.
    #[must_use]
    pub const fn from_u8(bits: u8) -> Self {
        Self(bits)
    }

    /// The byte as it goes over the wire.
    #[must_use]
    pub const fn to_u8(self) -> u8 {
        self.0
    }

    /// Whether [`TraceFlags::SAMPLED`] is set.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.0 & Self::SAMPLED.0 != 0
    }

    /// The same flags with [`TraceFlags::SAMPLED`] set.
    #[must_use]
    pub const fn sampled(self) -> Self {
        Self(self.0 | Self::SAMPLED.0)
    }
}

/// Two lower-case hex digits.
impl fmt::Display for TraceFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

impl fmt::Debug for TraceFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceFlags({self})")
    }
}

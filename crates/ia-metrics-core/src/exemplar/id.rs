//! The span that an exemplar points to.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};

/// The span that an exemplar points to, by its W3C trace context ids. Knows nothing of any tracer.
///
/// ```
/// use ia_metrics_core::ExemplarSpan;
///
/// let span = ExemplarSpan::new([0x4b; 16], [0x2a; 8]).expect("neither id is zero");
/// assert_eq!(span.trace_id().to_string(), "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b");
/// assert_eq!(ExemplarSpan::new([0; 16], [0x2a; 8]), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExemplarSpan {
    // Whole words rather than bytes: they are passed on with every value that is recorded.
    trace_id: NonZeroU128,
    span_id: NonZeroU64,
}

impl ExemplarSpan {
    /// The span of these ids, most significant byte first; `None` where an id is all zero, which W3C calls invalid.
    #[must_use]
    pub const fn new(trace_id: [u8; 16], span_id: [u8; 8]) -> Option<Self> {
        let trace_id = NonZeroU128::new(u128::from_be_bytes(trace_id));
        match (trace_id, NonZeroU64::new(u64::from_be_bytes(span_id))) {
            (Some(trace_id), Some(span_id)) => Some(Self { trace_id, span_id }),
            _ => None,
        }
    }

    /// The id of the trace.
    #[must_use]
    pub const fn trace_id(&self) -> HexId<16> {
        HexId(self.trace_id.get().to_be_bytes())
    }

    /// The id of the span.
    #[must_use]
    pub const fn span_id(&self) -> HexId<8> {
        HexId(self.span_id.get().to_be_bytes())
    }
}

/// An id of `N` bytes. `Display` writes `2 * N` lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HexId<const N: usize>([u8; N]);

impl<const N: usize> HexId<N> {
    /// The bytes, most significant first.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; N] {
        self.0
    }
}

impl<const N: usize> fmt::Display for HexId<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for HexId<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HexId({self})")
    }
}

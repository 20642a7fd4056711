//! The text of one label.

/// One label of a series, in the form in which text formats write it: `name="value"`.
///
/// The form is that of the Prometheus text format: in the value a backslash, a double quote and a newline are escaped.
#[derive(Clone, Copy, Debug)]
pub struct LabelText<'a> {
    /// The pair, and what fills it up to a multiple of 16 bytes.
    padded: &'a [u8],
    pair: &'a str,
    name_len: usize,
    /// The value as it was given, where that is not part of the pair.
    raw: Option<&'a str>,
}

impl LabelText<'static> {
    /// The label of the series that takes what is over a metric's limit. Source: OpenTelemetry metrics SDK specification,
    /// "Overflow attribute", in the spelling that Prometheus label names allow.
    pub(crate) const OVERFLOW: Self = Self {
        padded: b"otel_metric_overflow=\"true\"     ",
        pair: "otel_metric_overflow=\"true\"",
        name_len: 20,
        raw: None,
    };
}

impl<'a> LabelText<'a> {
    pub(super) fn new(
        padded: &'a [u8],
        pair: &'a str,
        name_len: usize,
        raw: Option<&'a str>,
    ) -> Self {
        Self { padded, pair, name_len, raw }
    }

    /// `name="value"`, the value escaped.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.pair
    }

    /// The bytes of [`as_str`](Self::as_str) and what fills them up to a multiple of 16: copying whole blocks of 16 bytes
    /// is faster than copying the exact length, where the buffer has room.
    #[must_use]
    #[inline]
    pub fn padded(&self) -> &'a [u8] {
        self.padded
    }

    /// The label's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.pair[..self.name_len]
    }

    /// The label's value, as it was given.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.raw.unwrap_or_else(|| &self.pair[self.name_len + 2..self.pair.len() - 1])
    }
}

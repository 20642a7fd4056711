//! The text of one label.

use std::fmt;

use super::interner::PIECE;
use super::{Interner, Symbol};

/// One label of a series, in the form in which text formats write it: `name="value"`.
///
/// The form is that of the Prometheus text format: in the value a backslash, a double quote and a newline are escaped.
#[derive(Clone, Copy)]
pub struct LabelText<'a> {
    /// The first piece of the pair, of a comma, and of what fills them up.
    first: &'a [u8; PIECE],
    /// The pieces after it, which lie right behind it.
    more: &'a [[u8; PIECE]],
    len: usize,
    name_len: usize,
    /// Who knows the value as it was given, where that is not part of the pair.
    raw: Option<(&'a Interner, Symbol)>,
}

impl LabelText<'static> {
    /// The label of the series that takes what is over a metric's limit. Source: OpenTelemetry metrics SDK specification,
    /// "Overflow attribute", in the spelling that Prometheus label names allow.
    pub(crate) const OVERFLOW: Self = {
        const TEXT: [[u8; PIECE]; 2] = [*b"otel_metric_over", *b"flow=\"true\",,,,,"];
        let [first, more @ ..] = &TEXT;
        Self { first, more, len: 27, name_len: 20, raw: None }
    };
}

impl<'a> LabelText<'a> {
    #[inline]
    pub(super) fn new(
        first: &'a [u8; PIECE],
        more: &'a [[u8; PIECE]],
        len: usize,
        name_len: usize,
        raw: Option<(&'a Interner, Symbol)>,
    ) -> Self {
        Self { first, more, len, name_len, raw }
    }

    /// `name="value"`, the value escaped.
    #[must_use]
    #[expect(unsafe_code, reason = "texts are kept as pieces of bytes, to be copied as such")]
    pub fn as_str(&self) -> &'a str {
        // SAFETY: the pieces are one text, one behind the other, as `new` and `OVERFLOW` have it; and the interner put the
        // bytes of strings there and says where they end.
        unsafe {
            let text = std::slice::from_raw_parts(self.first.as_ptr(), self.len);
            str::from_utf8_unchecked(text)
        }
    }

    /// The bytes of [`as_str`](Self::as_str), a comma, and what fills them up to whole pieces of 16 bytes: copying whole
    /// pieces is faster than copying the exact length, where the buffer has room.
    #[must_use]
    #[inline]
    pub fn pieces(&self) -> (&'a [u8; 16], &'a [[u8; 16]]) {
        (self.first, self.more)
    }

    /// The bytes of [`as_str`](Self::as_str).
    #[must_use]
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_escaped(&self) -> bool {
        self.raw.is_some()
    }

    /// The label's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.as_str()[..self.name_len]
    }

    /// The label's value, as it was given.
    #[must_use]
    pub fn value(&self) -> &'a str {
        match self.raw {
            Some((interner, symbol)) => interner.raw(symbol, self.len),
            None => &self.as_str()[self.name_len + 2..self.len - 1],
        }
    }
}

impl fmt::Debug for LabelText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! The longest label value that is kept.

use std::borrow::Cow;

/// The most bytes of a label value that are kept; what is longer is cut on a character boundary and ends in `…`.
pub(crate) const VALUE_LIMIT: usize = 4_096;

/// Cuts a value that is too long to be a label.
pub(crate) fn clip(value: &str) -> Cow<'_, str> {
    if value.len() <= VALUE_LIMIT {
        return value.into();
    }
    let ellipsis = "…";
    let mut end = VALUE_LIMIT - ellipsis.len();
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ellipsis}", &value[..end]).into()
}

//! The characters that may not stand for themselves. Those of label values are escaped by the metric core, once.

use super::target::{Target, Text};

/// Appends a help text: backslash and newline are escaped.
pub(super) fn help<T: Target>(out: &mut Text<T>, text: &str) {
    let mut copied = 0;
    // What is escaped is ASCII, and no byte of a longer character looks like ASCII.
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'\\' => r"\\",
            b'\n' => r"\n",
            _ => continue,
        };
        out.put(&text[copied..at]);
        out.put(escaped);
        copied = at + 1;
    }
    out.put(&text[copied..]);
}

//! The characters that may not stand for themselves.

/// Appends a help text: backslash and newline are escaped.
pub(super) fn help(out: &mut String, text: &str) {
    escape(out, text, |byte| match byte {
        b'\\' => Some(r"\\"),
        b'\n' => Some(r"\n"),
        _ => None,
    });
}

/// Appends a label value, as it stands between quotes: quotes are escaped too. A carriage return stands for itself,
/// since the format knows no escape for it and takes only a newline as the end of a line.
pub(super) fn label_value(out: &mut String, text: &str) {
    escape(out, text, |byte| match byte {
        b'\\' => Some(r"\\"),
        b'"' => Some("\\\""),
        b'\n' => Some(r"\n"),
        _ => None,
    });
}

/// Appends the text in as few pieces as possible: most texts have nothing to escape.
fn escape(out: &mut String, text: &str, replacement: impl Fn(u8) -> Option<&'static str>) {
    let mut copied = 0;
    // What is escaped is ASCII, and no byte of a longer character looks like ASCII.
    for (at, byte) in text.bytes().enumerate() {
        if let Some(escaped) = replacement(byte) {
            out.push_str(&text[copied..at]);
            out.push_str(escaped);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

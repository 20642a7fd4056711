//! Numbers, durations and paths as people read them.

use std::path::Path;

/// `1,234,567`.
pub(crate) fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 file`, `2 files`.
pub(crate) fn counted(number: f64, one: &str) -> String {
    let plural = if (number - 1.0).abs() < 0.5 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// `12.3 ms`, `1.84 s`, `2 min 05 s`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 0.000_999_5 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 0.999_5 {
        format!("{} ms", three_digits(seconds * 1e3))
    } else if seconds < 99.95 {
        format!("{} s", three_digits(seconds))
    } else {
        let seconds = seconds.round();
        format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

fn three_digits(number: f64) -> String {
    let places = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    format!("{number:.places$}")
}

/// `$0.012246`, `$12.50`; never `$0` for what is not nothing.
pub(crate) fn usd(amount: f64) -> String {
    if amount >= 1.0 || amount <= 0.0 {
        format!("${amount:.2}")
    } else if amount > 0.0 && amount < 0.000_001 {
        format!("${amount:.9}")
    } else {
        format!("${amount:.6}")
    }
}

/// A path in one line, whatever is in it: what would move the cursor is written as `\n`, `\u{1b}`.
pub(crate) fn path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_direction(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a character turns the direction of the text around it.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

//! The names at the margin.

/// Columns by which a child stands to the right of its parent.
const INDENT: usize = 2;

/// The columns that a name would like to have.
pub(super) fn name_width(name: &str, depth: usize) -> usize {
    depth.saturating_mul(INDENT).saturating_add(name.chars().count())
}

/// The indented name in at most `width` columns. Deep rows stop at the middle, so that the name
/// stays in sight.
pub(super) fn name_cell(name: &str, depth: usize, width: usize) -> String {
    let indent = depth.saturating_mul(INDENT).min(width / 2);
    let room = width - indent;
    let mut cell = " ".repeat(indent);
    if name.chars().count() <= room {
        cell.extend(name.chars().map(printable));
    } else {
        cell.extend(name.chars().take(room.saturating_sub(1)).map(printable));
        cell.push('…');
    }
    cell
}

/// The character, or `�` for one that steers the terminal: control characters, line and paragraph
/// ends, invisible ones and those that set the direction of writing.
fn printable(c: char) -> char {
    match c {
        '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

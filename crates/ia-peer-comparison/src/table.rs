//! Tables for people.

use crate::groups::Group;
use crate::row::{Row, best_peer};

/// The rows of a group: by case and threads, the fastest first.
pub(crate) fn of(group: Group, rows: &[Row]) -> String {
    let mut text = format!("\n## {}: {}; {}\n", group.name(), group.question(), group.unit());
    for (i, row) in rows.iter().enumerate() {
        let is_first = !rows[..i].iter().any(|before| before.is_beside(row));
        if is_first {
            text.push_str(&block(rows, row));
        }
    }
    text.push_str(&notes(rows));
    text
}

fn block(rows: &[Row], first: &Row) -> String {
    let mut shown: Vec<&Row> = rows.iter().filter(|row| row.is_beside(first)).collect();
    shown.sort_by(|a, b| a.value.total_cmp(&b.value));
    let title = match (first.case.is_empty(), first.group.threads_are_variants()) {
        (true, true) => String::from("all"),
        (false, true) => first.case.to_string(),
        (true, false) => format!("{} thread(s)", first.threads),
        (false, false) => format!("{}, {} thread(s)", first.case, first.threads),
    };
    let unit = first.group.unit();
    let head = format!(
        "\n{title:36} {:>5} {:>7} {unit:>12} {:>9} {:>8} {:>12}\n",
        "kind", "threads", "limit", "x limit", "x best peer"
    );
    let lines = shown.iter().map(|row| line(rows, row));
    [head].into_iter().chain(lines).collect()
}

fn line(rows: &[Row], row: &Row) -> String {
    let best = best_peer(rows, row).map(|best| format!("{:.2}", row.value / best));
    format!(
        "{:36} {:>5} {:>7} {:>12} {:>9} {:>8.2} {:>12}\n",
        row.subject,
        row.kind.name(),
        row.threads,
        figure(row.value),
        figure(row.limit),
        row.ratio(),
        best.as_deref().unwrap_or("-"),
    )
}

/// Three digits are what the method can tell.
pub(crate) fn figure(value: f64) -> String {
    let places = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.places$}")
}

/// What each subject does, once each.
fn notes(rows: &[Row]) -> String {
    let mut notes: Vec<String> = Vec::new();
    for row in rows {
        let note = format!("  {}: {}\n", row.subject, row.how);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    format!("\n{}", notes.concat())
}

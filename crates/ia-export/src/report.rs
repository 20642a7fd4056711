//! The ledgers of all exporters.

use std::fmt;

use crate::{Ledger, Signal};

/// The head of the table, one title for each column.
const TITLES: [&str; COLUMNS] =
    ["exporter", "signal", "recorded", "delivered", "pending", "ambiguous", "dropped"];
const COLUMNS: usize = 7;
/// The columns from here on hold numbers.
const FIRST_NUMBER: usize = 2;

/// Where everything has gone: one row for each exporter and signal, in the order in which they were added.
///
/// `Display` is a table, followed by a line for each row that dropped something, with the reasons, or that
/// does not add up.
///
/// ```
/// use ia_export::{Ledger, Report, Signal};
///
/// let mut report = Report::default();
/// let ledger = Ledger { recorded: 3, delivered: 3, ..Ledger::default() };
/// report.push("otlp", Signal::Spans, ledger);
/// assert!(report.is_complete());
/// assert_eq!(report.rows()[0].name, "otlp");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    rows: Vec<ReportRow>,
}

/// One row of a [`Report`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// The exporter's name.
    pub name: String,
    /// What it exports.
    pub signal: Signal,
    /// Where that has gone.
    pub ledger: Ledger,
}

impl Report {
    /// Adds a row.
    pub fn push(&mut self, name: impl Into<String>, signal: Signal, ledger: Ledger) {
        self.rows.push(ReportRow { name: name.into(), signal, ledger });
    }

    /// The rows, in the order in which they were added.
    #[must_use]
    pub fn rows(&self) -> &[ReportRow] {
        &self.rows
    }

    /// Whether everything that was recorded is delivered: nothing pending, ambiguous or dropped. True where there is no
    /// exporter.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.ledger.is_complete())
    }
}

impl Extend<ReportRow> for Report {
    fn extend<I: IntoIterator<Item = ReportRow>>(&mut self, rows: I) {
        self.rows.extend(rows);
    }
}

impl FromIterator<ReportRow> for Report {
    fn from_iter<I: IntoIterator<Item = ReportRow>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return f.write_str("no exporter was running");
        }
        let cells: Vec<[String; COLUMNS]> = self.rows.iter().map(ReportRow::cells).collect();
        let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
            let longest = cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            longest.max(TITLES[column].len())
        });
        write_line(f, TITLES, widths)?;
        for row in &cells {
            f.write_str("\n")?;
            write_line(f, row.each_ref().map(String::as_str), widths)?;
        }
        for row in self.rows.iter().filter(|row| row.needs_a_word()) {
            write!(f, "\n{} {}: {}", row.name, row.signal, row.ledger)?;
        }
        Ok(())
    }
}

impl ReportRow {
    fn cells(&self) -> [String; COLUMNS] {
        let Ledger { recorded, delivered, pending, ambiguous, .. } = &self.ledger;
        let counts = [*recorded, *delivered, *pending, *ambiguous, self.ledger.dropped_total()];
        let [recorded, delivered, pending, ambiguous, dropped] =
            counts.map(|count| count.to_string());
        let signal = self.signal.to_string();
        [self.name.clone(), signal, recorded, delivered, pending, ambiguous, dropped]
    }

    /// Whether the numbers of the table do not say everything.
    fn needs_a_word(&self) -> bool {
        self.ledger.dropped_total() > 0 || !self.ledger.is_balanced()
    }
}

fn write_line(
    f: &mut fmt::Formatter<'_>,
    cells: [&str; COLUMNS],
    widths: [usize; COLUMNS],
) -> fmt::Result {
    for (column, (cell, width)) in cells.into_iter().zip(widths).enumerate() {
        match column {
            0 => write!(f, "{cell:width$}")?,
            _ if column < FIRST_NUMBER => write!(f, "  {cell:width$}")?,
            _ => write!(f, "  {cell:>width$}")?,
        }
    }
    Ok(())
}

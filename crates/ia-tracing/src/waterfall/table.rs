//! The rows of one trace, laid out in columns.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::bar::bar;
use super::name::{name_cell, name_width};
use crate::{SpanData, Status, TraceId};

/// The rows of one trace, parents before their children.
#[derive(Debug)]
pub(super) struct Table<'a> {
    trace_id: TraceId,
    rows: Vec<Row<'a>>,
}

#[derive(Debug)]
struct Row<'a> {
    span: &'a SpanData,
    depth: usize,
    duration: String,
}

impl<'a> Table<'a> {
    /// The columns of a row beside its name, duration and bar: `name · 1.00ms |bar|`.
    const SEPARATORS: usize = 6;
    const MIN_BAR: usize = 10;

    pub(super) const fn new(trace_id: TraceId) -> Self {
        Self { trace_id, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, span: &'a SpanData, depth: usize) {
        let duration = format!("{:.2?}", span.duration());
        self.rows.push(Row { span, depth, duration });
    }

    /// A line about the trace, then one per span, without a line end behind the last.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        let Some(begin) = self.rows.iter().map(|row| row.span.start()).min() else { return Ok(()) };
        let total = self.rows.iter().map(|row| row.end(begin)).max().unwrap_or_default();
        let (count, noun) = (self.rows.len(), if self.rows.len() == 1 { "span" } else { "spans" });
        write!(f, "trace {}, {count} {noun}, {total:.2?}", self.trace_id)?;

        let name_width = self.name_width(width);
        let duration_width =
            self.rows.iter().map(|row| row.duration.chars().count()).max().unwrap_or(0);
        let bar_width =
            width.saturating_sub(name_width + duration_width + Self::SEPARATORS).max(Self::MIN_BAR);
        for row in &self.rows {
            write!(
                f,
                "\n{name:name_width$} {mark} {duration:>duration_width$} |{bar}|",
                name = name_cell(row.span.name(), row.depth, name_width),
                mark = mark(row.span.status()),
                duration = row.duration,
                bar = bar(row.offset(begin), row.span.duration(), total, bar_width),
            )?;
        }
        Ok(())
    }

    /// As wide as the widest name, and two fifths of the line at most.
    fn name_width(&self, width: usize) -> usize {
        let widest = self.rows.iter().map(|row| name_width(row.span.name(), row.depth)).max();
        widest.unwrap_or(0).min(width * 2 / 5)
    }
}

impl Row<'_> {
    fn offset(&self, begin: SystemTime) -> Duration {
        self.span.start().duration_since(begin).unwrap_or_default()
    }

    fn end(&self, begin: SystemTime) -> Duration {
        self.offset(begin).saturating_add(self.span.duration())
    }
}

const fn mark(status: &Status) -> char {
    match status {
        Status::Error { .. } => '✗',
        Status::Ok => '✓',
        Status::Unset => '·',
    }
}

//! Traces as text for a terminal.

mod bar;
mod name;
mod table;

use std::collections::HashMap;
use std::fmt;

use self::table::Table;
use crate::SpanData;
use crate::forest::Forest;

/// Traces as text for a terminal: one row per span, with a bar where it lies in its trace's time.
///
/// Traces are in the order they began. Rows are indented below their parent, a span without its
/// parent stands at the margin, and siblings are in the order they started. A row's mark is `✓` for
/// ok, `✗` for an error and `·` for unset. Names that are too long are cut with `…`, and characters
/// that would move the cursor or turn the writing around are shown as `�`. Widths are counted in
/// characters.
///
/// ```
/// use std::time::Duration;
/// use ia_tracing::{ManualClock, Tracer, Waterfall};
///
/// let clock = ManualClock::new();
/// let tracer = Tracer::builder().clock(clock.clone()).build();
/// tracer.in_span("rag", |_| {
///     tracer.in_span("load", |_| clock.advance(Duration::from_millis(10)));
///     tracer.in_span("summarise", |_| clock.advance(Duration::from_millis(30)));
/// });
///
/// let text = Waterfall::of(&tracer.spans()).width(60).to_string();
/// let rows: Vec<_> = text.lines().skip(1).collect(); // behind a line with the trace id
/// assert_eq!(rows, [
///     "rag         · 40.00ms |████████████████████████████████████|",
///     "  load      · 10.00ms |█████████                           |",
///     "  summarise · 30.00ms |         ███████████████████████████|",
/// ]);
/// ```
#[derive(Debug, Clone)]
#[must_use = "print it"]
pub struct Waterfall {
    spans: Vec<SpanData>,
    width: usize,
}

impl Waterfall {
    const DEFAULT_WIDTH: usize = 100;
    const MIN_WIDTH: usize = 40;
    const MAX_WIDTH: usize = 1_000;

    /// The traces of these spans.
    pub fn of(spans: &[SpanData]) -> Self {
        Self { spans: spans.to_vec(), width: Self::DEFAULT_WIDTH }
    }

    /// How many columns a row takes, from 40 to 1,000. Defaults to 100.
    pub fn width(self, columns: usize) -> Self {
        Self { width: columns.clamp(Self::MIN_WIDTH, Self::MAX_WIDTH), ..self }
    }

    /// Each trace's rows, in the order the traces began.
    fn tables(&self) -> Vec<Table<'_>> {
        let mut tables: Vec<Table<'_>> = Vec::new();
        let mut by_trace = HashMap::new();
        for (index, depth) in Forest::of(&self.spans).walk() {
            let span = &self.spans[index];
            let table = *by_trace.entry(span.trace_id()).or_insert(tables.len());
            if table == tables.len() {
                tables.push(Table::new(span.trace_id()));
            }
            tables[table].push(span, depth);
        }
        tables
    }
}

/// One block per trace, an empty line between them; `no spans` when there are none.
impl fmt::Display for Waterfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.spans.is_empty() {
            return f.write_str("no spans");
        }
        for (index, table) in self.tables().iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            table.write(f, self.width)?;
        }
        Ok(())
    }
}

//! The summary for people.

use std::fmt::Display;

use console::{Alignment, StyledObject, Term, measure_text_width, pad_str, style, truncate_str};

use super::{ESTIMATED, Failure, MODEL, Summary, Timing};
use crate::format;

/// As wide as the table gets, and as it is where there is no terminal.
const WIDTH: usize = 78;
/// The column of what the figures below the steps are.
const LABEL: usize = 13;
const GAP: usize = 3;

/// The columns of the table of steps.
const TITLES: [&str; COLUMNS] = ["step", "runs", "errors", "total", "mean", "p95"];
const COLUMNS: usize = 6;
/// What goes first where the terminal is narrow.
const DISPENSABLE: [usize; 4] = [5, 4, 1, 3];

/// Lines as they are made.
struct Page {
    lines: Vec<String>,
    /// No line is longer; `None` where there is no terminal that it must fit.
    width: Option<usize>,
}

/// How a cell looks.
type Look = fn(StyledObject<String>) -> StyledObject<String>;

impl Summary<'_> {
    /// A table, with colours where standard output is a terminal. `stays` tells whether the endpoint stays open.
    pub(crate) fn to_table(&self, stays: bool) -> String {
        let mut page = Page::new();
        page.line(&format!(
            "{}  {}",
            style("quickstart").bold(),
            style(format::path(self.folder)).dim()
        ));
        let headline = style(self.headline());
        page.line(&if self.files.failed + self.files.cancelled > 0.0 {
            headline.yellow()
        } else {
            headline.green()
        });
        if self.runs.cancelled > 0.0 {
            page.line(&style("interrupted: this is what was done until then").yellow());
        }
        page.line(&"");
        self.steps(&mut page);
        page.line(&"");
        self.figures(&mut page);
        if !self.errors.is_empty() {
            page.line(&"");
            self.errors(&mut page);
        }
        page.line(&"");
        self.further(stays, &mut page);
        page.lines.join("\n")
    }

    fn steps(&self, page: &mut Page) {
        let mut rows: Vec<([String; COLUMNS], Look)> =
            vec![(TITLES.map(str::to_owned), StyledObject::dim)];
        for pipeline in &self.pipelines {
            rows.push((pipeline.cells(""), StyledObject::bold));
            let last = pipeline.steps.len().saturating_sub(1);
            for (at, step) in pipeline.steps.iter().enumerate() {
                let branch = if at == last { "└ " } else { "├ " };
                rows.push((step.cells(branch), |cell| cell));
            }
        }
        page.table(&rows);
    }

    fn figures(&self, page: &mut Page) {
        let estimated = style(ESTIMATED).yellow().to_string();
        page.figure("items", [format::count(self.chunks), "chunks of text".to_owned()], " ");
        page.figure("tokens", [format::count(self.tokens), format!("for {MODEL}")], " ");
        page.figure("API calls", [format::count(self.api_calls), estimated.clone()], "  ");
        page.figure("cost", [format::usd(self.cost_usd), estimated], "  ");
        page.figure(
            "prices",
            self.prices.split(' ').map(|word| style(word).dim().to_string()),
            " ",
        );
        let rates = [(self.files_per_second(), "files/s"), (self.tokens_per_second(), "tokens/s")];
        let rates = rates.map(|(rate, unit)| format!("{} {unit}", format::count(rate)));
        page.figure("throughput", rates, "  ");
        let Some(index) = self.index else { return };
        let terms = format!("{} distinct terms", format::count(index.distinct_terms as f64));
        let documents = format::counted(f64::from(index.documents), "document");
        page.figure("index", [terms, format!("in {documents}")], " ");
        let top = index.top.iter().map(|top| {
            format!("{} {}", top.term, style(format::count(top.occurrences as f64)).dim())
        });
        if !index.top.is_empty() {
            page.figure("top terms", top, "  ");
        }
    }

    fn errors(&self, page: &mut Page) {
        let kind = |error: &Failure| format!("{} {}", format::count(error.count), error.error_type);
        let width = self.errors.iter().map(|error| kind(error).len()).max().unwrap_or(0);
        for (at, error) in self.errors.iter().enumerate() {
            let label = Page::label(if at == 0 { "errors" } else { "" });
            let kind =
                style(pad_str(&kind(error), width, Alignment::Left, None).into_owned()).red();
            let in_step = style(format!("in {}", error.step)).dim();
            let example = error.example.as_deref().map(|path| self.relative(path));
            let example = example.map_or_else(String::new, format::path);
            page.line(&format!("{label}{kind}  {in_step}  {example}"));
        }
    }

    fn further(&self, stays: bool, page: &mut Page) {
        let hint = match &self.url {
            Some(url) if stays => format!("curl {url}/metrics"),
            _ => "run it without --once and open http://127.0.0.1:9464/metrics".to_owned(),
        };
        page.figure(
            "look further",
            hint.split(' ').map(|word| style(word).cyan().to_string()),
            " ",
        );
    }
}

impl Timing {
    fn cells(&self, branch: &str) -> [String; COLUMNS] {
        let or_dash =
            |seconds: Option<f64>| seconds.map_or_else(|| "–".to_owned(), format::duration);
        [
            format!("{branch}{}", self.name),
            format::count(self.runs),
            format::count(self.errors),
            or_dash(self.mean.map(|_| self.seconds)),
            or_dash(self.mean),
            match self.p95 {
                Some(p95) if p95 < self.finest => format!("< {} ms", self.finest * 1e3),
                p95 => or_dash(p95),
            },
        ]
    }
}

impl Page {
    fn new() -> Self {
        let terminal = Term::stdout().is_term().then(|| Term::stdout().size_checked()).flatten();
        Self { lines: Vec::new(), width: terminal.map(|(_, columns)| usize::from(columns)) }
    }

    fn line(&mut self, text: &dyn Display) {
        let text = text.to_string();
        self.lines.push(match self.width {
            Some(width) => truncate_str(&text, width, "…").into_owned(),
            None => text,
        });
    }

    fn label(text: &str) -> StyledObject<String> {
        style(pad_str(text, LABEL, Alignment::Left, None).into_owned()).dim()
    }

    /// A label and what there is to say, in as many lines as that takes.
    fn figure(&mut self, label: &str, words: impl IntoIterator<Item = String>, gap: &str) {
        let width = self.width.unwrap_or(WIDTH).min(WIDTH).saturating_sub(LABEL);
        let (mut label, mut line) = (label, String::new());
        for word in words {
            let needed = measure_text_width(&line) + gap.len() + measure_text_width(&word);
            if !line.is_empty() && needed > width {
                self.line(&format!("{}{line}", Self::label(label)));
                (label, line) = ("", String::new());
            }
            if !line.is_empty() {
                line.push_str(gap);
            }
            line.push_str(&word);
        }
        self.line(&format!("{}{line}", Self::label(label)));
    }

    /// Rows under a head, with as many columns as fit.
    fn table(&mut self, rows: &[([String; COLUMNS], Look)]) {
        let width_of = |column: usize| {
            rows.iter().map(|(cells, _)| measure_text_width(&cells[column])).max().unwrap_or(0)
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width_of);
        let mut shown = [true; COLUMNS];
        let total = |shown: &[bool; COLUMNS]| -> usize {
            let widths = widths.iter().zip(shown).filter(|(_, shown)| **shown);
            widths.map(|(width, _)| width + GAP).sum::<usize>() - GAP
        };
        for column in DISPENSABLE {
            if self.width.is_some_and(|width| total(&shown) > width) {
                shown[column] = false;
            }
        }
        for (at, (cells, look)) in rows.iter().enumerate() {
            let mut line = String::new();
            for column in (0..COLUMNS).filter(|column| shown[*column]) {
                let alignment = if column == 0 { Alignment::Left } else { Alignment::Right };
                let gap = if column == 0 { 0 } else { GAP };
                line.push_str(&" ".repeat(gap));
                line.push_str(&pad_str(&cells[column], widths[column], alignment, None));
            }
            self.line(&look(style(line)));
            if at == 0 {
                self.line(&style("─".repeat(total(&shown))).dim());
            }
        }
    }
}

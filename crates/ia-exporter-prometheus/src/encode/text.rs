//! Families and series as lines.

use std::fmt::{Display, Write as _};

use ia_metrics_core::{
    DataPoint, FamilySnapshot, HistogramPoint, Integers, LabelTexts, Number, SeriesSnapshot,
    SummaryPoint,
};

use super::escape;
use super::name::Name;
use super::target::{self, LINE, Next, Target, Text};

/// Writes families one after the other. A family may come in pieces that follow each other.
pub(crate) struct Encoder<'a, T> {
    text: Text<T>,
    prefix: &'a str,
    current: Current,
}

/// The family that is being written.
#[derive(Clone, Default)]
pub(crate) struct Current {
    name: String,
    /// The name as it begins a line.
    begin: Name,
}

impl<'a, T: Target> Encoder<'a, T> {
    /// An encoder that puts `prefix` before the name of each family. `current` is for its memory.
    pub(crate) fn new(prefix: &'a str, target: T, mut current: Current) -> Self {
        current.name.clear();
        Self { text: Text(target), prefix, current }
    }

    /// Writes a family or a piece of one; nothing where there are no series.
    pub(crate) fn family(&mut self, family: &FamilySnapshot) {
        if family.is_empty() {
            return;
        }
        if family.name() != self.current.name {
            self.header(family);
        }
        for piece in family.pieces() {
            match piece {
                Ok(integers) => self.integers(integers),
                Err(series) => series.for_each(|series| self.series(&series)),
            }
        }
    }

    /// What was written to, and memory for another encoder.
    pub(crate) fn finish(self) -> (T, Current) {
        (self.text.0, self.current)
    }

    fn header(&mut self, family: &FamilySnapshot) {
        self.current.name.clear();
        self.current.name.push_str(family.name());
        self.current.begin.set(self.prefix, family.name());
        let help = family.descriptor().help();
        if !help.is_empty() {
            self.put(&["# HELP ", self.prefix, family.name(), " "]);
            escape::help(&mut self.text, help);
            self.text.put("\n");
        }
        self.put(&["# TYPE ", self.prefix, family.name(), " ", family.kind().as_str(), "\n"]);
    }

    /// Lines whose values are whole numbers: what most of a large text consists of.
    #[inline(never)]
    fn integers(&mut self, mut integers: Integers<'_>) {
        loop {
            let name = &self.current.begin;
            let mut too_long = None;
            self.text.put_lines(|line| {
                let Some((labels, value)) = integers.next() else { return Next::End };
                integer(line, name, labels.clone(), value).map_or_else(
                    || {
                        too_long = Some((labels, value));
                        Next::End
                    },
                    Next::Line,
                )
            });
            let Some((labels, value)) = too_long else { return };
            self.line("", labels, None, value);
        }
    }

    fn series(&mut self, series: &SeriesSnapshot<'_>) {
        let labels = series.label_texts();
        match series.point() {
            DataPoint::Counter(value) | DataPoint::Gauge(value) => {
                self.line("", labels, None, value);
            }
            DataPoint::Histogram(point) => self.histogram(&labels, point),
            DataPoint::Summary(point) => self.summary(&labels, point),
            // A kind that this version of the format has no lines for.
            _ => {}
        }
    }

    fn histogram(&mut self, labels: &LabelTexts<'_>, point: &HistogramPoint) {
        for bucket in point.buckets() {
            let bound = Number::Float(bucket.upper_bound);
            self.line("_bucket", labels.clone(), Some(("le", bound)), bucket.cumulative);
        }
        self.line("_sum", labels.clone(), None, point.sum());
        self.line("_count", labels.clone(), None, point.count());
    }

    fn summary(&mut self, labels: &LabelTexts<'_>, point: &SummaryPoint) {
        for &(quantile, value) in point.quantiles() {
            let value = Number::Float(value.unwrap_or(f64::NAN));
            self.line("", labels.clone(), Some(("quantile", Number::Float(quantile))), value);
        }
        self.line("_sum", labels.clone(), None, point.sum());
        self.line("_count", labels.clone(), None, point.count());
    }

    /// One sample: the name and its suffix, the labels and one that belongs to this line alone, the value.
    fn line(
        &mut self,
        suffix: &str,
        labels: LabelTexts<'_>,
        own_label: Option<(&str, Number)>,
        value: impl Display,
    ) {
        self.text.put(self.prefix);
        self.text.put(&self.current.name);
        self.text.put(suffix);
        let mut next = "{";
        for label in labels {
            self.text.put(next);
            self.text.put(label.as_str());
            next = ",";
        }
        // The block takes everything.
        if let Some((label, value)) = own_label {
            write!(self.text, "{next}{label}=\"{value}\"").unwrap_or_default();
            next = ",";
        }
        if next == "," {
            self.text.put("}");
        }
        writeln!(self.text, " {value}").unwrap_or_default();
    }

    fn put(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.text.put(part));
    }
}

/// Writes a line whose value is a whole number, and says how long it is.
#[inline]
fn integer(
    line: &mut [u8; LINE],
    name: &Name,
    labels: LabelTexts<'_>,
    value: u64,
) -> Option<usize> {
    let mut at = name.copy_to(line)?;
    for label in labels {
        // A comma is behind it; where it is the last one, the brace takes its place.
        target::copy(line, at, label)?;
        at += label.len() + 1;
    }
    target::put(line, at - 1, *b"} ")?;
    let end = at + 1 + target::put_integer(line, at + 1, value)?;
    target::put(line, end, *b"\n")?;
    Some(end + 1)
}

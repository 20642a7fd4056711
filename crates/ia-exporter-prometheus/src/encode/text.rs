//! Families and series as lines.

use std::fmt::{self, Display, Write as _};

use ia_metrics_core::{
    DataPoint, FamilySnapshot, HistogramPoint, Number, SeriesSnapshot, Snapshot, SummaryPoint,
};

use super::escape;

/// Appends all families that have series, their names preceded by `prefix`.
pub(crate) fn snapshot(out: &mut String, prefix: &str, snapshot: &Snapshot) {
    let mut writer = Writer { out, prefix, name: "", labels: String::new() };
    let mut families = snapshot.families().filter(|family| family.series().len() > 0);
    // Writing to a string cannot fail.
    families.try_for_each(|family| writer.family(family)).unwrap_or_default();
}

/// Writes lines of one family at a time.
struct Writer<'a> {
    out: &'a mut String,
    prefix: &'a str,
    /// The family's name.
    name: &'a str,
    /// The labels of the series, as they stand between the braces.
    labels: String,
}

impl<'a> Writer<'a> {
    fn family(&mut self, family: &'a FamilySnapshot) -> fmt::Result {
        self.name = family.name();
        let help = family.descriptor().help();
        if !help.is_empty() {
            write!(self.out, "# HELP {}{} ", self.prefix, self.name)?;
            escape::help(self.out, help);
            self.out.push('\n');
        }
        writeln!(self.out, "# TYPE {}{} {}", self.prefix, self.name, family.kind())?;
        family.series().try_for_each(|series| self.series(&series))
    }

    fn series(&mut self, series: &SeriesSnapshot<'_>) -> fmt::Result {
        self.labels.clear();
        for (name, value) in series.labels() {
            if !self.labels.is_empty() {
                self.labels.push(',');
            }
            self.labels.push_str(name);
            self.labels.push_str("=\"");
            escape::label_value(&mut self.labels, value);
            self.labels.push('"');
        }
        match series.point() {
            DataPoint::Counter(value) | DataPoint::Gauge(value) => self.line("", None, value),
            DataPoint::Histogram(point) => self.histogram(point),
            DataPoint::Summary(point) => self.summary(point),
            // A kind that this version of the format has no lines for.
            _ => Ok(()),
        }
    }

    fn histogram(&mut self, point: &HistogramPoint) -> fmt::Result {
        for bucket in point.buckets() {
            let bound = Number::Float(bucket.upper_bound);
            self.line("_bucket", Some(("le", bound)), bucket.cumulative)?;
        }
        self.line("_sum", None, point.sum())?;
        self.line("_count", None, point.count())
    }

    fn summary(&mut self, point: &SummaryPoint) -> fmt::Result {
        for &(quantile, value) in point.quantiles() {
            let value = Number::Float(value.unwrap_or(f64::NAN));
            self.line("", Some(("quantile", Number::Float(quantile))), value)?;
        }
        self.line("_sum", None, point.sum())?;
        self.line("_count", None, point.count())
    }

    /// One sample: the name and its suffix, the labels and one that belongs to this line alone, the value.
    fn line(
        &mut self,
        suffix: &str,
        own_label: Option<(&str, Number)>,
        value: impl Display,
    ) -> fmt::Result {
        for part in [self.prefix, self.name, suffix] {
            self.out.push_str(part);
        }
        let mut next = '{';
        if !self.labels.is_empty() {
            self.out.push(next);
            self.out.push_str(&self.labels);
            next = ',';
        }
        if let Some((label, value)) = own_label {
            write!(self.out, "{next}{label}=\"{value}\"")?;
            next = ',';
        }
        if next == ',' {
            self.out.push('}');
        }
        writeln!(self.out, " {value}")
    }
}

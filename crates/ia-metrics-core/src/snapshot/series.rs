//! One series of a snapshot.

use std::slice;

use super::{DataPoint, Part};
use crate::labels::LabelTexts;
use crate::{Descriptor, Exemplar, Kind};

/// The series of a [`FamilySnapshot`](super::FamilySnapshot).
#[derive(Clone, Debug)]
pub struct SeriesIter<'a> {
    descriptor: &'a Descriptor,
    part: Option<&'a Part>,
    row: usize,
    parts: slice::Iter<'a, Part>,
    left: usize,
}

impl<'a> SeriesIter<'a> {
    pub(super) fn new(descriptor: &'a Descriptor, parts: &'a [Part]) -> Self {
        let left = parts.iter().map(Part::len).sum();
        Self { descriptor, part: None, row: 0, parts: parts.iter(), left }
    }
}

impl<'a> Iterator for SeriesIter<'a> {
    type Item = SeriesSnapshot<'a>;

    #[inline]
    fn next(&mut self) -> Option<SeriesSnapshot<'a>> {
        loop {
            if let Some(part) = self.part {
                while self.row < part.points() {
                    let row = self.row;
                    self.row += 1;
                    if part.is_used(row) {
                        self.left -= 1;
                        return Some(SeriesSnapshot { descriptor: self.descriptor, part, row });
                    }
                }
            }
            self.part = Some(self.parts.next()?);
            self.row = 0;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for SeriesIter<'_> {}

/// One series of a [`FamilySnapshot`](super::FamilySnapshot): its labels and its value.
#[derive(Clone, Copy, Debug)]
pub struct SeriesSnapshot<'a> {
    descriptor: &'a Descriptor,
    part: &'a Part,
    row: usize,
}

impl<'a> SeriesSnapshot<'a> {
    /// The labels, name and value, in the order of the descriptor. The overflow series has the one label
    /// `otel_metric_overflow="true"`.
    pub fn labels(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.label_texts().map(|label| (label.name(), label.value()))
    }

    /// The labels as text formats write them, `name="value"`, in the order of the descriptor.
    #[inline]
    #[must_use]
    pub fn label_texts(&self) -> LabelTexts<'a> {
        match &self.part.rows {
            Some(rows) => rows.labels(self.row),
            None => LabelTexts::overflow(),
        }
    }

    /// The value of one label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'a str> {
        self.labels().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Whether this is the series that takes what is over the metric's limit.
    #[must_use]
    pub fn is_overflow(&self) -> bool {
        self.part.rows.is_none()
    }

    /// The exemplar of a counter: the amount that was added last, as far as exemplars are kept ([`Exemplar`]), and in which
    /// span. `None` for other kinds; those of a histogram are at [`HistogramPoint::exemplars`](super::HistogramPoint::exemplars).
    #[must_use]
    pub fn exemplar(&self) -> Option<&'a Exemplar> {
        let exemplars = &self.part.exemplars;
        let at = exemplars.binary_search_by_key(&self.row, |(row, _)| *row).ok()?;
        Some(&exemplars[at].1)
    }

    /// The value.
    #[must_use]
    #[inline]
    pub fn point(&self) -> DataPoint<'a> {
        let points = &self.part.points;
        let number = |bits| self.descriptor.value_type().number(bits, self.descriptor.scale());
        match self.descriptor.kind() {
            Kind::Counter => DataPoint::Counter(number(points.values[self.row])),
            Kind::Gauge | Kind::UpDownCounter => DataPoint::Gauge(number(points.values[self.row])),
            Kind::Histogram => DataPoint::Histogram(&points.histograms[self.row]),
            Kind::Summary => DataPoint::Summary(&points.summaries[self.row]),
        }
    }
}

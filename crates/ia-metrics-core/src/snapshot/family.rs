//! One metric of a snapshot.

use std::slice;
use std::sync::Arc;

use super::{Integers, Part, SeriesIter, SeriesSnapshot};
use crate::{Descriptor, Kind};

/// One metric of a [`Snapshot`](super::Snapshot), or a piece of one as [`Registry::visit`](crate::Registry::visit) shows it.
#[derive(Debug)]
pub struct FamilySnapshot {
    descriptor: Arc<Descriptor>,
    parts: Vec<Part>,
    /// How many of the parts are in use; the others keep their memory.
    used: usize,
}

impl FamilySnapshot {
    pub(crate) fn new(descriptor: Arc<Descriptor>) -> Self {
        Self { descriptor, parts: Vec::new(), used: 0 }
    }

    /// The parts, to be filled from the first one on.
    pub(crate) fn refill(&mut self, descriptor: &Arc<Descriptor>) {
        if !Arc::ptr_eq(&self.descriptor, descriptor) {
            self.descriptor = Arc::clone(descriptor);
        }
        self.used = 0;
    }

    /// Gives the labels back and keeps the memory of the points: labels that somebody has cannot be used again in place.
    pub(crate) fn forget_labels(&mut self) {
        self.used = 0;
        self.parts.iter_mut().for_each(|part| part.rows = None);
    }

    /// The next part to fill.
    pub(crate) fn next_part(&mut self) -> &mut Part {
        self.used += 1;
        if self.parts.len() < self.used {
            self.parts.resize_with(self.used, Part::default);
        }
        &mut self.parts[self.used - 1]
    }

    /// Drops what a smaller number of parts has left over.
    pub(crate) fn trim(&mut self) {
        self.parts.truncate(self.used);
    }

    /// Whether there are no series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts().all(|part| part.len() == 0)
    }

    /// What the metric is. Metrics of a bridge may have series with different labels: the descriptor names those of the
    /// first series, [`SeriesSnapshot::labels`] those of each.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The metric's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.descriptor.name()
    }

    /// The metric's kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.descriptor.kind()
    }

    /// Its series, in the order of their creation; those with the same label names stand together.
    #[must_use]
    pub fn series(&self) -> SeriesIter<'_> {
        SeriesIter::new(&self.descriptor, &self.parts[..self.used])
    }

    /// The series in pieces, each with its labels and values where all of them are whole numbers without exemplars; as it was
    /// otherwise. For those who write a great many series.
    pub fn pieces(&self) -> impl Iterator<Item = Result<Integers<'_>, SeriesIter<'_>>> {
        self.parts().map(|part| {
            Integers::of(&self.descriptor, part)
                .ok_or_else(|| SeriesIter::new(&self.descriptor, slice::from_ref(part)))
        })
    }

    /// The series that has exactly these labels, in any order.
    #[must_use]
    pub fn series_with<'a>(
        &self,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<SeriesSnapshot<'_>> {
        let mut wanted: Vec<(&str, &str)> = labels.into_iter().collect();
        wanted.sort_unstable();
        self.series().find(|series| {
            let mut own: Vec<(&str, &str)> = series.labels().collect();
            own.sort_unstable();
            own == wanted
        })
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts[..self.used].iter()
    }
}

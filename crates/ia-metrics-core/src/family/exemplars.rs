//! Exemplars on their way into a metric and out of it.

use super::{FamilyCore, Layout, PartSource};
use crate::series::Head;
use crate::snapshot::Part;

impl FamilyCore {
    /// Offers a recorded value, as the bits of a cell, where the metric keeps exemplars.
    #[inline]
    pub(crate) fn offer_exemplar(&self, head: &Head, bucket: usize, bits: u64) {
        if let Some(exemplars) = &self.exemplars {
            exemplars.offer(&self.shared, head, bucket, bits);
        }
    }
}

impl PartSource<'_> {
    /// Reads the exemplars, once the points are there.
    pub(super) fn exemplars(&self, part: &mut Part) {
        part.exemplars.clear();
        let Some(exemplars) = &self.family.exemplars else { return };
        let heads = (0..self.rows).map(|row| self.chunk.head(row));
        let (points, counters) = (&mut part.points.histograms, &mut part.exemplars);
        exemplars.read(heads, |row, kept| match points.get_mut(row) {
            Some(point) => {
                let shown = point.exemplars_mut();
                shown.clear();
                shown.extend(kept.map(|(bucket, exemplar)| (self.bucket(bucket), exemplar)));
            }
            None => counters.extend(kept.map(|(_, exemplar)| (row, exemplar))),
        });
    }

    /// Which of all buckets a counted one is.
    fn bucket(&self, counted: usize) -> usize {
        match &self.family.layout {
            Layout::Integers(_, buckets) => buckets.get(counted).copied().unwrap_or(counted),
            _ => counted,
        }
    }
}

//! Reading the series of a metric.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{FamilyCore, Layout};
use crate::Number;
use crate::series::{Chunk, Rows};
use crate::slab::{PAGE, Totals};
use crate::snapshot::{HistogramPoint, Part, Points, SummaryPoint};

impl FamilyCore {
    /// How many parts the series come in.
    pub(crate) fn parts(&self) -> impl Iterator<Item = PartSource<'_>> {
        let len = self.len.load(Ordering::Acquire);
        let own = self.chunks.iter().take_while(move |(first, _)| *first < len).map(
            move |(first, chunk)| PartSource {
                family: self,
                chunk,
                rows: (len - first).min(chunk.capacity()),
                overflow: false,
            },
        );
        let overflow = self.overflow.get().map(|chunk| PartSource {
            family: self,
            chunk,
            rows: 1,
            overflow: true,
        });
        own.chain(overflow)
    }
}

/// Some series of a metric, as they are now.
pub(crate) struct PartSource<'a> {
    family: &'a FamilyCore,
    chunk: &'a Chunk,
    rows: usize,
    overflow: bool,
}

impl PartSource<'_> {
    /// Reads them, into memory that is there already where it fits. While the totals are held.
    pub(crate) fn read(&self, totals: &mut Totals, part: &mut Part) {
        part.rows = self.share_rows(part.rows.take());
        match &self.family.layout {
            Layout::Counter | Layout::UpDownCounter => self.sums(totals, &mut part.points),
            Layout::Gauge => self.gauges(&mut part.points),
            Layout::Floats(_) => self.histograms(totals, 0, &mut part.points),
            Layout::Integers(_, unreachable) => {
                self.histograms(totals, *unreachable, &mut part.points);
            }
            Layout::Summary => self.summaries(&mut part.points),
        }
        part.count(self.family.has_holes());
    }

    /// The labels, those of last time where they are the same.
    fn share_rows(&self, last: Option<Arc<Rows>>) -> Option<Arc<Rows>> {
        if self.overflow {
            return None;
        }
        last.filter(|last| std::ptr::eq(Arc::as_ptr(last), self.chunk.rows()))
            .or_else(|| Some(self.chunk.share_rows()))
    }

    fn sums(&self, totals: &mut Totals, points: &mut Points) {
        let values = points.values();
        values.clear();
        let mut cells = self.chunk.heads_and_first_cells().take(self.rows).peekable();
        while let Some((head, cell)) = cells.next() {
            let shared = cell.load(Ordering::Relaxed);
            let Some(slot) = head.slot() else {
                values.push(shared);
                continue;
            };
            // The slots of neighbours are mostly neighbours, so a page is looked up once for many.
            let number = slot as usize / PAGE;
            let Some(page) = totals.page(number) else {
                values.push(shared);
                continue;
            };
            values.push(shared.wrapping_add(page[slot as usize % PAGE]));
            while let Some((slot, shared)) = cells.next_if_map(|(head, cell)| match head.slot() {
                Some(slot) if slot as usize / PAGE == number => {
                    Ok((slot, cell.load(Ordering::Relaxed)))
                }
                _ => Err((head, cell)),
            }) {
                values.push(shared.wrapping_add(page[slot as usize % PAGE]));
            }
        }
    }

    fn gauges(&self, points: &mut Points) {
        let values = points.values();
        values.clear();
        values.extend((0..self.rows).map(|row| self.chunk.cells(row)[0].load(Ordering::Relaxed)));
    }

    fn histograms(&self, totals: &mut Totals, unreachable: usize, points: &mut Points) {
        let bounds = &self.family.bounds;
        let points = points.histograms();
        points.retain(|point| point.has_bounds(bounds));
        points.resize_with(self.rows, || HistogramPoint::empty(bounds));
        let (value, scale) = (self.family.descriptor.value_type(), self.family.descriptor.scale());
        for (row, point) in points.iter_mut().enumerate() {
            let slots = self.chunk.head(row).slot().into_iter().flat_map(|slot| slot..);
            let mut threads = slots.map(|slot| totals.get(slot)).chain(std::iter::repeat(0));
            let (counts, total) = point.parts();
            let mut sum = 0;
            for (count, pair) in
                counts[unreachable..].iter_mut().zip(self.chunk.cells(row).as_chunks::<2>().0)
            {
                // The count first: an observation is counted after its sum was made.
                let shared = pair[0].load(Ordering::Acquire);
                *count = shared.wrapping_add(threads.next().unwrap_or(0));
                let shared = pair[1].load(Ordering::Relaxed);
                sum = value.add(sum, value.add(shared, threads.next().unwrap_or(0)));
            }
            *total = value.number(sum, scale);
        }
    }

    fn summaries(&self, points: &mut Points) {
        let points = points.summaries();
        points.resize_with(self.rows, SummaryPoint::default);
        let descriptor = &self.family.descriptor;
        let (value, scale) = (descriptor.value_type(), descriptor.scale());
        let quantile_scale = value.quantile_scale(scale);
        let now = self.family.shared.clock().now();
        for (row, point) in points.iter_mut().enumerate() {
            let (head, step) = (self.chunk.head(row), &self.chunk.cells(row)[0]);
            self.family.windows.read(
                head,
                step,
                now,
                |a, b| value.add(a, b),
                |reading| {
                    let quantile = |q| {
                        let raw = reading.quantile(q)?;
                        Some(Number::Unsigned(raw, quantile_scale).as_f64())
                    };
                    let quantiles = SummaryPoint::QUANTILES.map(|q| (q, quantile(q)));
                    *point = SummaryPoint::new(
                        quantiles,
                        reading.count,
                        value.number(reading.sum, scale),
                    );
                },
            );
        }
    }
}

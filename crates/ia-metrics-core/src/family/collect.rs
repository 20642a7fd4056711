//! Reading the series of a metric.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{FamilyCore, Layout};
use crate::series::{Chunk, Rows};
use crate::slab::{PAGE, Totals};
use crate::snapshot::{HistogramPoint, Part, Points, SummaryPoint};
use crate::{ExponentialBuckets, Number};

impl FamilyCore {
    /// The parts that the series come in, without the overflow series.
    pub(crate) fn parts(&self) -> impl Iterator<Item = PartSource<'_>> {
        let len = self.len.load(Ordering::Acquire);
        self.chunks.iter().take_while(move |(first, _)| *first < len).map(move |(first, chunk)| {
            PartSource {
                family: self,
                chunk,
                rows: (len - first).min(chunk.capacity()),
                overflow: false,
            }
        })
    }

    /// The overflow series. Of families of one name, the eldest has it.
    pub(crate) fn overflow_part(&self) -> Option<PartSource<'_>> {
        let chunk = self.overflow.get()?;
        Some(PartSource { family: self, chunk, rows: 1, overflow: true })
    }
}

/// Some series of a metric, as they are now.
pub(crate) struct PartSource<'a> {
    pub(super) family: &'a FamilyCore,
    pub(super) chunk: &'a Chunk,
    pub(super) rows: usize,
    overflow: bool,
}

impl PartSource<'_> {
    /// Reads them, into memory that is there already where it fits. While the totals are held.
    pub(crate) fn read(&self, totals: &mut Totals, now: Instant, part: &mut Part) {
        part.rows = self.share_rows(part.rows.take());
        match &self.family.layout {
            Layout::Counter | Layout::UpDownCounter => self.sums(totals, &mut part.points),
            Layout::Gauge => self.gauges(&mut part.points),
            Layout::Floats(_) => self.histograms(totals, None, &mut part.points),
            Layout::Integers(_, buckets) => {
                self.histograms(totals, Some(buckets), &mut part.points);
            }
            Layout::ExponentialFloats(index) => {
                self.exponential(totals, |counts| index.buckets(counts), &mut part.points);
            }
            Layout::ExponentialIntegers(index) => {
                self.exponential(totals, |counts| index.buckets(counts), &mut part.points);
            }
            Layout::Summary => self.summaries(now, &mut part.points),
        }
        self.exemplars(part);
        part.count(self.rows, self.family.has_holes());
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
        let values = &mut points.values;
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
        let values = &mut points.values;
        values.clear();
        values.extend((0..self.rows).map(|row| self.chunk.cells(row)[0].load(Ordering::Relaxed)));
    }

    /// `buckets` says which of the buckets are counted, where not all are.
    fn histograms(&self, totals: &mut Totals, buckets: Option<&[usize]>, points: &mut Points) {
        let points = self.points(points);
        let (value, scale) = (self.family.descriptor.value_type(), self.family.descriptor.scale());
        for (row, point) in points.iter_mut().enumerate() {
            let (counts, total) = point.parts();
            let mut sum = 0;
            self.pairs(row, totals, |bucket, count, by| {
                let bucket = buckets.map_or(bucket, |buckets| buckets[bucket]);
                counts[bucket] = count;
                sum = value.add(sum, by);
            });
            *total = value.number(sum, scale);
        }
    }

    fn exponential(
        &self,
        totals: &mut Totals,
        buckets: impl Fn(&[u64]) -> ExponentialBuckets,
        points: &mut Points,
    ) {
        let descriptor = &self.family.descriptor;
        let (value, scale) = (descriptor.value_type(), descriptor.scale());
        let limit = descriptor.exponential().map_or(usize::MAX, |exponential| exponential.limit);
        let mut counts = vec![0; self.family.layout.shared_cells() / 2];
        for (row, point) in self.points(points).iter_mut().enumerate() {
            let mut sum = 0;
            self.pairs(row, totals, |bucket, count, by| {
                counts[bucket] = count;
                sum = value.add(sum, by);
            });
            point.set_exponential(buckets(&counts).limit(limit), value.number(sum, scale));
        }
    }

    /// A point for each row, in the memory of those that are there already.
    fn points<'p>(&self, points: &'p mut Points) -> &'p mut [HistogramPoint] {
        let bounds = &self.family.bounds;
        grow(&mut points.histograms, self.rows, || HistogramPoint::empty(bounds));
        let points = &mut points.histograms[..self.rows];
        points.iter_mut().for_each(|point| point.rebind(bounds));
        points
    }

    /// The counts and sums of one series.
    fn pairs(&self, row: usize, totals: &mut Totals, mut show: impl FnMut(usize, u64, u64)) {
        let value = self.family.descriptor.value_type();
        let mut slot = self.chunk.head(row).slot();
        for (bucket, [count, sum]) in self.chunk.cells(row).as_chunks::<2>().0.iter().enumerate() {
            let (threads, by) = match &mut slot {
                Some(slot) => {
                    let pair = (totals.get(*slot), totals.get(*slot + 1));
                    *slot += 2;
                    pair
                }
                None => (0, 0),
            };
            // The count first: an observation is counted after its sum was made.
            let count = count.load(Ordering::Acquire).wrapping_add(threads);
            show(bucket, count, value.add(sum.load(Ordering::Relaxed), by));
        }
    }

    fn summaries(&self, now: Instant, points: &mut Points) {
        let points = &mut points.summaries;
        grow(points, self.rows, SummaryPoint::default);
        let descriptor = &self.family.descriptor;
        let (value, scale) = (descriptor.value_type(), descriptor.scale());
        let quantile_scale = value.quantile_scale(scale);
        for (row, point) in points.iter_mut().enumerate().take(self.rows) {
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

/// Makes room for so many points, and keeps those that are more: the next part may need them.
fn grow<P>(points: &mut Vec<P>, rows: usize, new: impl FnMut() -> P) {
    if points.len() < rows {
        points.resize_with(rows, new);
    }
}

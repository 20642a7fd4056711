//! The sums of all slabs, kept up to date by looking only at pages that were written.

use super::slab::Mark;
use super::slots::Class;
use super::{PAGE, Slab, prefetch};
use crate::sync::Ordering;

/// How many slabs are added up anew rather than remembered: for so many it is the cheaper way, even if all but one stood
/// still, and it needs no memory.
const FEW: usize = if cfg!(loom) { 1 } else { 8 };

/// What the slabs add up to.
///
/// A page is brought up to date when it is first asked for after [`Self::begin`], so that its sums are still at hand when
/// they are read, and nobody adds up what nobody reads.
#[derive(Default)]
pub(crate) struct Totals {
    pages: Vec<Page>,
    /// What was read of each slab.
    seen: Vec<Seen>,
    slabs: Vec<&'static Slab>,
    /// The reading that is going on.
    reading: u64,
    /// The marks of one page in all slabs, while it is looked at.
    marks: Vec<Mark>,
}

/// The sums of one page.
#[derive(Default)]
struct Page {
    class: Option<Class>,
    /// The reading in which it was brought up to date.
    read: u64,
    sums: Option<Box<[u64; PAGE]>>,
}

/// The cells of those pages of totals that many slabs have written, as they were read.
#[derive(Default)]
struct Seen {
    copies: Vec<Option<Box<[u64; PAGE]>>>,
}

impl Totals {
    /// Begins a reading: what was written before is in the sums from now on.
    pub(crate) fn begin(&mut self, slabs: &[&'static Slab], classes: &[Option<Class>]) {
        self.reading += 1;
        self.slabs.clear();
        self.slabs.extend_from_slice(slabs);
        self.pages.resize_with(classes.len().max(self.pages.len()), Page::default);
        for (page, class) in self.pages.iter_mut().zip(classes) {
            page.class = *class;
        }
        self.seen.resize_with(slabs.len().max(self.seen.len()), Seen::default);
    }

    /// A cell's total.
    pub(crate) fn get(&mut self, slot: u32) -> u64 {
        let (page, cell) = (slot as usize / PAGE, slot as usize % PAGE);
        self.page(page).map_or(0, |cells| cells[cell])
    }

    /// The totals of a page, if there are any.
    #[inline]
    pub(crate) fn page(&mut self, number: usize) -> Option<&[u64; PAGE]> {
        let page = self.pages.get_mut(number)?;
        if page.read != self.reading {
            page.read = self.reading;
            match page.class {
                Some(Class::Totals) => self.add(number),
                Some(Class::IntegerPairs) => self.add_up(number, u64::saturating_add),
                Some(Class::FloatPairs) => self.add_up(number, add_float_bits),
                Some(Class::Opaque) | None => {}
            }
        }
        self.pages[number].sums.as_deref()
    }

    /// Makes a slot that nobody has any more as good as new, in every slab.
    pub(crate) fn clear(&mut self, first: u32, width: usize, slabs: &[&'static Slab]) {
        slabs.iter().for_each(|slab| slab.clear(first, width));
        for slot in (first as usize..).take(width) {
            let (page, cell) = (slot / PAGE, slot % PAGE);
            let copies = self.seen.iter_mut().filter_map(|seen| seen.copies.get_mut(page));
            let sums = self.pages.get_mut(page).map(|page| &mut page.sums);
            for cells in copies.chain(sums).filter_map(Option::as_mut) {
                cells[cell] = 0;
            }
        }
    }

    /// Brings a page of totals up to date.
    fn add(&mut self, page: usize) {
        let touched = self.look_at(page);
        if !self.marks.contains(&Mark::Written) {
            return;
        }
        if touched <= FEW {
            self.add_all(page);
        } else {
            self.add_new(page);
        }
    }

    /// Takes the marks of a page in all slabs, and says in how many it was ever written.
    fn look_at(&mut self, page: usize) -> usize {
        self.marks.clear();
        self.marks.extend(self.slabs.iter().map(|slab| slab.take_mark(page)));
        self.marks.iter().filter(|mark| **mark != Mark::Untouched).count()
    }

    /// Adds a few slabs up anew: cheaper than remembering what they were.
    fn add_all(&mut self, page: usize) {
        let next = self.pages.get(page + 1).is_some();
        let totals = self.pages[page].sums.get_or_insert_with(zeros);
        let slabs = self.slabs.iter().zip(&self.marks);
        let touched = slabs.filter(|(_, mark)| **mark != Mark::Untouched);
        for (number, (slab, _)) in touched.enumerate() {
            if next {
                // Neighbours are mostly read one after the other.
                prefetch(slab.page(page + 1));
            }
            for (total, cell) in totals.iter_mut().zip(slab.page(page)) {
                let cell = cell.load(Ordering::Relaxed);
                *total = if number == 0 { cell } else { total.wrapping_add(cell) };
            }
        }
    }

    /// Adds what each of many slabs has more than when it was last read, so that those that stood still cost nothing.
    fn add_new(&mut self, page: usize) {
        let Self { pages, seen, slabs, marks, .. } = self;
        let totals = pages[page].sums.get_or_insert_with(zeros);
        for seen in &mut *seen {
            if seen.copies.len() <= page {
                seen.copies.resize_with(page + 1, || None);
            }
        }
        // When they have just become many, none is remembered yet.
        let all = seen.iter().all(|seen| seen.copies[page].is_none());
        if all {
            totals.fill(0);
        }
        for ((slab, seen), mark) in slabs.iter().zip(seen).zip(marks) {
            if *mark == Mark::Written || (all && *mark == Mark::Read) {
                let copies = seen.copies[page].get_or_insert_with(zeros);
                let cells = slab.page(page).iter().zip(copies.iter_mut());
                for (total, (cell, copy)) in totals.iter_mut().zip(cells) {
                    let cell = cell.load(Ordering::Relaxed);
                    *total = total.wrapping_add(cell.wrapping_sub(*copy));
                    *copy = cell;
                }
            }
        }
    }

    /// Adds all slabs up anew, when one of them was written.
    fn add_up(&mut self, page: usize, add: impl Fn(u64, u64) -> u64) {
        self.look_at(page);
        if !self.marks.contains(&Mark::Written) {
            return;
        }
        let totals = self.pages[page].sums.get_or_insert_with(zeros);
        totals.fill(0);
        let slabs = self.slabs.iter().zip(&self.marks);
        for (slab, _) in slabs.filter(|(_, mark)| **mark != Mark::Untouched) {
            for (slot, pair) in (first_slot(page)..).step_by(2).zip(totals.as_chunks_mut().0) {
                let [count, sum] = pair;
                let (more, by) = slab.pair(slot);
                *count = count.wrapping_add(more);
                *sum = add(*sum, by);
            }
        }
    }
}

/// Adds floats given as their bits, and stops at the ends of the range: infinity would stay for ever.
pub(crate) fn add_float_bits(a: u64, b: u64) -> u64 {
    let within = |value: f64| value.clamp(f64::MIN, f64::MAX);
    within(within(f64::from_bits(a)) + within(f64::from_bits(b))).to_bits()
}

fn zeros() -> Box<[u64; PAGE]> {
    Box::new([0; PAGE])
}

#[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^23 slots")]
fn first_slot(page: usize) -> u32 {
    (page * PAGE) as u32
}

//! The sums of all slabs, kept up to date by looking only at pages that were written.

use super::slab::Mark;
use super::slots::Class;
use super::{PAGE, Slab};
use crate::sync::Ordering;

/// How many slabs are added up anew rather than remembered: for so many it is the cheaper way, even if all but one stood
/// still, and it needs no memory.
const FEW: usize = 8;

/// What the slabs add up to.
#[derive(Default)]
pub(crate) struct Totals {
    pages: Vec<Option<Box<[u64; PAGE]>>>,
    seen: Vec<Seen>,
    /// The marks of one page in all slabs, while it is looked at.
    marks: Vec<Mark>,
}

/// What was read of one slab: the cells of the pages of totals that many slabs have written.
#[derive(Default)]
struct Seen {
    copies: Vec<Option<Box<[u64; PAGE]>>>,
}

impl Totals {
    /// Reads what was written since the last time.
    pub(crate) fn refresh(&mut self, slabs: &[&'static Slab], classes: &[Option<Class>]) {
        self.pages.resize_with(classes.len().max(self.pages.len()), || None);
        self.seen.resize_with(slabs.len().max(self.seen.len()), Seen::default);
        for seen in &mut self.seen {
            seen.copies.resize_with(self.pages.len(), || None);
        }
        for (page, class) in classes.iter().enumerate() {
            match class {
                Some(Class::Totals) => self.add(page, slabs),
                Some(Class::IntegerPairs) => self.add_up(page, slabs, u64::saturating_add),
                Some(Class::FloatPairs) => self.add_up(page, slabs, add_float_bits),
                Some(Class::Opaque) | None => {}
            }
        }
    }

    /// A cell's total as of the last [`Self::refresh`].
    #[inline]
    pub(crate) fn get(&self, slot: u32) -> u64 {
        let (page, cell) = (slot as usize / PAGE, slot as usize % PAGE);
        self.pages.get(page).and_then(Option::as_ref).map_or(0, |cells| cells[cell])
    }

    /// The totals of a page, if there are any.
    #[inline]
    pub(crate) fn page(&self, page: usize) -> Option<&[u64; PAGE]> {
        self.pages.get(page)?.as_deref()
    }

    /// Makes a slot that nobody has any more as good as new, in every slab.
    pub(crate) fn clear(&mut self, slots: std::ops::Range<u32>, slabs: &[&'static Slab]) {
        for slot in slots {
            for slab in slabs {
                slab.clear(slot);
            }
            let (page, cell) = (slot as usize / PAGE, slot as usize % PAGE);
            let copies = self.seen.iter_mut().filter_map(|seen| seen.copies.get_mut(page));
            for cells in copies.chain(self.pages.get_mut(page)).filter_map(Option::as_mut) {
                cells[cell] = 0;
            }
        }
    }

    /// Brings a page of totals up to date.
    fn add(&mut self, page: usize, slabs: &[&'static Slab]) {
        let (mut touched, mut written) = (0, false);
        self.marks.clear();
        for slab in slabs {
            let mark = slab.take_mark(page);
            touched += usize::from(mark != Mark::Untouched);
            written |= mark == Mark::Written;
            self.marks.push(mark);
        }
        if !written {
            return;
        }
        if touched <= FEW {
            self.add_all(page, slabs);
        } else {
            self.add_new(page, slabs);
        }
    }

    /// Adds a few slabs up anew: cheaper than remembering what they were.
    fn add_all(&mut self, page: usize, slabs: &[&'static Slab]) {
        let totals = self.pages[page].get_or_insert_with(zeros);
        let touched = slabs.iter().zip(&self.marks).filter(|(_, mark)| **mark != Mark::Untouched);
        for (number, (slab, _)) in touched.enumerate() {
            for (total, cell) in totals.iter_mut().zip(slab.page(page)) {
                let cell = cell.load(Ordering::Relaxed);
                *total = if number == 0 { cell } else { total.wrapping_add(cell) };
            }
        }
    }

    /// Adds what each of many slabs has more than when it was last read, so that those that stood still cost nothing.
    fn add_new(&mut self, page: usize, slabs: &[&'static Slab]) {
        let Self { pages, seen, marks } = self;
        let totals = pages[page].get_or_insert_with(zeros);
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
    fn add_up(&mut self, page: usize, slabs: &[&'static Slab], add: impl Fn(u64, u64) -> u64) {
        let mut written = false;
        for slab in slabs {
            written |= slab.take_mark(page) == Mark::Written;
        }
        if !written {
            return;
        }
        let totals = self.pages[page].get_or_insert_with(zeros);
        totals.fill(0);
        for slab in slabs.iter().filter(|slab| slab.is_touched(page)) {
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

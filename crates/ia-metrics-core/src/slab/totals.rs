//! The sums of all slabs, kept up to date by looking only at pages that were written.

use super::slots::Class;
use super::{PAGE, Slab};

/// What the slabs add up to.
#[derive(Default)]
pub(crate) struct Totals {
    pages: Vec<Option<Box<[u64; PAGE]>>>,
    seen: Vec<Seen>,
}

/// What was read of one slab.
#[derive(Default)]
struct Seen {
    /// The sequence number of each page when it was read.
    sequences: Vec<u64>,
    /// The cells of the pages of totals, as they were read.
    copies: Vec<Option<Box<[u64; PAGE]>>>,
}

impl Totals {
    /// Reads what was written since the last time.
    pub(crate) fn refresh(&mut self, slabs: &[&'static Slab], classes: &[Option<Class>]) {
        self.pages.resize_with(classes.len().max(self.pages.len()), || None);
        self.seen.resize_with(slabs.len().max(self.seen.len()), Seen::default);
        for seen in &mut self.seen {
            seen.sequences.resize(self.pages.len(), 0);
            seen.copies.resize_with(self.pages.len(), || None);
        }
        for (page, class) in classes.iter().enumerate() {
            match class {
                Some(Class::Totals) => self.add_new(page, slabs),
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

    /// Adds what each slab has more than when it was last read.
    fn add_new(&mut self, page: usize, slabs: &[&'static Slab]) {
        for (slab, seen) in slabs.iter().zip(&mut self.seen) {
            let written = slab.written(page);
            if written == seen.sequences[page] {
                continue;
            }
            seen.sequences[page] = written;
            let copies = seen.copies[page].get_or_insert_with(zeros);
            let totals = self.pages[page].get_or_insert_with(zeros);
            let first = first_slot(page);
            for ((slot, copy), total) in (first..).zip(copies.iter_mut()).zip(totals.iter_mut()) {
                let cell = slab.get(slot);
                *total = total.wrapping_add(cell.wrapping_sub(*copy));
                *copy = cell;
            }
        }
    }

    /// Adds all slabs up anew, when one of them was written.
    fn add_up(&mut self, page: usize, slabs: &[&'static Slab], add: impl Fn(u64, u64) -> u64) {
        let mut written = false;
        for (slab, seen) in slabs.iter().zip(&mut self.seen) {
            let sequence = slab.written(page);
            written |= sequence != seen.sequences[page];
            seen.sequences[page] = sequence;
        }
        if !written {
            return;
        }
        let totals = self.pages[page].get_or_insert_with(zeros);
        totals.fill(0);
        for (slab, seen) in slabs.iter().zip(&self.seen) {
            if seen.sequences[page] == 0 {
                continue;
            }
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

//! Which slots are whose.

use std::collections::HashMap;

use super::PAGE;
use super::slab::{PAGES, SLOTS};

/// How the cells of a page are read. A page holds cells of one class only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Totals, each in one cell: a reader adds what has been added since.
    Totals,
    /// Counts, each followed by an integer sum.
    IntegerPairs,
    /// Counts, each followed by a sum of floats: added up anew, as the differences of floats do not add up.
    FloatPairs,
    /// Whatever the owner of the run makes of them: read slab by slab, not added up here.
    Opaque,
}

/// Gives out runs of consecutive slots, the same in every slab.
#[derive(Default)]
pub(crate) struct Slots {
    /// The class of each page given out; the first page is nobody's, as slot 0 means none.
    classes: Vec<Option<Class>>,
    /// Where the next run of a class begins, and where its page ends.
    open: HashMap<Class, (usize, usize)>,
    /// Runs that were given back, by class and width.
    free: HashMap<(Class, usize), Vec<u32>>,
}

impl Slots {
    /// The first slot of a run of `width` cells; `None` when there are no more.
    pub(crate) fn take(&mut self, class: Class, width: usize) -> Option<u32> {
        if let Some(slot) = self.free.get_mut(&(class, width)).and_then(Vec::pop) {
            return Some(slot);
        }
        let (next, end) = self.open.get(&class).copied().unwrap_or_default();
        let (next, end) = if end - next >= width { (next, end) } else { self.grow(class, width)? };
        self.open.insert(class, (next + width, end));
        u32::try_from(next).ok()
    }

    /// Gives a run back. Its cells are zero in every slab.
    pub(crate) fn give_back(&mut self, class: Class, width: usize, slot: u32) {
        self.free.entry((class, width)).or_default().push(slot);
    }

    pub(crate) fn classes(&self) -> &[Option<Class>] {
        &self.classes
    }

    /// As many new pages as a run needs.
    fn grow(&mut self, class: Class, width: usize) -> Option<(usize, usize)> {
        if self.classes.is_empty() {
            self.classes.push(None);
        }
        let first = self.classes.len();
        let pages = width.div_ceil(PAGE);
        if first + pages > PAGES {
            return None;
        }
        self.classes.resize(first + pages, Some(class));
        debug_assert!((first + pages) * PAGE <= SLOTS);
        Some((first * PAGE, (first + pages) * PAGE))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Class, PAGE, PAGES, Slots};

    #[test]
    fn runs_do_not_overlap_and_pages_are_of_one_class() {
        let mut slots = Slots::default();
        let mut taken = std::collections::HashSet::new();
        for width in [1, 24, 1, 2, 700, 24, 512, 24] {
            for class in [Class::Totals, Class::FloatPairs] {
                let slot = slots.take(class, width).unwrap() as usize;
                for cell in slot..slot + width {
                    assert!(taken.insert(cell));
                    assert_eq!(slots.classes()[cell / PAGE], Some(class));
                }
            }
        }
        assert!(!taken.contains(&0));
    }

    #[test]
    fn what_was_given_back_is_given_out_again() {
        let mut slots = Slots::default();
        let slot = slots.take(Class::Totals, 1).unwrap();
        slots.give_back(Class::Totals, 1, slot);
        assert_eq!(slots.take(Class::Totals, 1), Some(slot));
    }

    #[test]
    fn there_is_an_end_to_slots() {
        let mut slots = Slots::default();
        let most = (PAGES - 1) * PAGE;
        assert!(slots.take(Class::Opaque, most + 1).is_none());
        assert!(slots.take(Class::Opaque, most).is_some());
        assert!(slots.take(Class::Totals, 1).is_none());
    }
}

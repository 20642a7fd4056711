//! The labels of one series.

use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Interner, LabelText};

/// The labels of a series as text, in the order of the descriptor.
#[derive(Clone, Debug)]
pub struct LabelTexts<'a>(Labels<'a>);

#[derive(Clone, Debug)]
enum Labels<'a> {
    Own(slice::Iter<'a, AtomicU32>, &'a Interner),
    /// Those of the overflow series.
    Overflow(Option<LabelText<'a>>),
}

impl<'a> LabelTexts<'a> {
    /// The labels of a row of symbols, all of which are used by it.
    #[inline]
    pub(crate) fn new(symbols: &'a [AtomicU32], interner: &'a Interner) -> Self {
        Self(Labels::Own(symbols.iter(), interner))
    }

    pub(crate) fn overflow() -> Self {
        Self(Labels::Overflow(Some(LabelText::OVERFLOW)))
    }
}

impl<'a> Iterator for LabelTexts<'a> {
    type Item = LabelText<'a>;

    #[inline]
    fn next(&mut self) -> Option<LabelText<'a>> {
        match &mut self.0 {
            Labels::Own(symbols, interner) => {
                Some(interner.text(symbols.next()?.load(Ordering::Relaxed)))
            }
            Labels::Overflow(label) => label.take(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Labels::Own(symbols, _) => symbols.len(),
            Labels::Overflow(label) => usize::from(label.is_some()),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for LabelTexts<'_> {}

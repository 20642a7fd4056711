//! Series of whole numbers, for those who write a great many of them.

use std::slice;
use std::sync::atomic::AtomicU32;

use super::{LabelTexts, Part};
use crate::labels::Interner;
use crate::{Descriptor, Kind, Scale};

/// The labels and values of some series whose values are whole numbers. Made by
/// [`FamilySnapshot::pieces`](super::FamilySnapshot::pieces).
#[derive(Clone, Debug)]
pub struct Integers<'a> {
    symbols: slice::ChunksExact<'a, AtomicU32>,
    interner: &'a Interner,
    values: slice::Iter<'a, u64>,
}

impl<'a> Integers<'a> {
    /// `None` where the part is anything else than labelled counters without holes between them and without exemplars.
    pub(super) fn of(descriptor: &Descriptor, part: &'a Part) -> Option<Self> {
        let counts = descriptor.kind() == Kind::Counter
            && descriptor.scale() == Scale::ONE
            && part.exemplars.is_empty();
        let values = &part.points.values;
        if !counts || part.len() != values.len() {
            return None;
        }
        let (symbols, interner) = part.rows.as_ref()?.columns()?;
        Some(Self { symbols, interner, values: values.iter() })
    }
}

impl<'a> Iterator for Integers<'a> {
    type Item = (LabelTexts<'a>, u64);

    #[inline]
    fn next(&mut self) -> Option<(LabelTexts<'a>, u64)> {
        let (value, symbols) = (self.values.next()?, self.symbols.next()?);
        Some((LabelTexts::new(symbols, self.interner), *value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl ExactSizeIterator for Integers<'_> {}

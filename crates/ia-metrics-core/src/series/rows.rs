//! The labels of some series.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::labels::{Interner, LabelTexts, Symbol};

/// What stands for the labels of a series that has none.
const UNLABELLED: Symbol = u32::MAX;

/// One row of symbols per series. A row of zeros is nobody's: not used yet, or removed.
///
/// A row that a snapshot may have seen is never changed: who removes or reuses one makes new rows.
#[derive(Debug)]
pub(crate) struct Rows {
    /// How many labels a series has.
    labels: usize,
    symbols: Box<[AtomicU32]>,
    interner: Arc<Interner>,
}

impl Rows {
    pub(crate) fn new(capacity: usize, labels: usize, interner: Arc<Interner>) -> Self {
        let symbols = (0..capacity * labels.max(1)).map(|_| AtomicU32::new(0)).collect();
        Self { labels, symbols, interner }
    }

    /// The same rows without some of them, sharing nothing.
    pub(crate) fn without(&self, removed: impl Fn(usize) -> bool) -> Self {
        let columns = self.labels.max(1);
        let symbols: Box<[AtomicU32]> = self
            .symbols
            .iter()
            .enumerate()
            .map(|(at, symbol)| {
                AtomicU32::new(if removed(at / columns) {
                    0
                } else {
                    symbol.load(Ordering::Acquire)
                })
            })
            .collect();
        let copy = Self { labels: self.labels, symbols, interner: Arc::clone(&self.interner) };
        self.interner.retain(copy.used());
        copy
    }

    /// Fills a row that nobody has. `None`, and the row stays as it was, when there is no room for its labels.
    pub(crate) fn fill<'a>(
        &self,
        row: usize,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Option<()> {
        let columns = self.labels.max(1);
        let cells = &self.symbols[row * columns..][..columns];
        if self.labels == 0 {
            cells[0].store(UNLABELLED, Ordering::Release);
            return Some(());
        }
        for (at, (name, value)) in labels.enumerate() {
            let Some(symbol) = self.interner.intern(name, value) else {
                let taken = cells[..at].iter().map(|cell| cell.swap(0, Ordering::Relaxed));
                self.interner.release(taken);
                return None;
            };
            cells[at].store(symbol, Ordering::Release);
        }
        Some(())
    }

    /// Whether the row is a series.
    #[inline]
    pub(crate) fn is_used(&self, row: usize) -> bool {
        self.symbols[row * self.labels.max(1)].load(Ordering::Acquire) != 0
    }

    /// The labels of a series.
    #[inline]
    pub(crate) fn labels(&self, row: usize) -> LabelTexts<'_> {
        let symbols = self.symbols.get(row * self.labels..(row + 1) * self.labels);
        LabelTexts::new(symbols.unwrap_or_default(), &self.interner)
    }

    /// The symbols of each row, if there are any.
    pub(crate) fn columns(&self) -> Option<(slice::ChunksExact<'_, AtomicU32>, &Interner)> {
        (self.labels > 0).then(|| (self.symbols.chunks_exact(self.labels), &*self.interner))
    }

    /// Whether the series has these values.
    pub(crate) fn has(&self, row: usize, values: &[&str]) -> bool {
        self.is_used(row)
            && self.labels(row).zip(values).all(|(label, value)| label.value() == *value)
    }

    fn used(&self) -> impl Iterator<Item = Symbol> {
        let symbols = if self.labels == 0 { &[][..] } else { &self.symbols };
        symbols.iter().map(|symbol| symbol.load(Ordering::Relaxed)).filter(|symbol| *symbol != 0)
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.interner.release(self.used());
    }
}

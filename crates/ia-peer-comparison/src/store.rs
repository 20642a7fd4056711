//! A registry with one labelled counter of many series: what is created, scraped and weighed.

use std::fmt;

use crate::data::Labels;
use crate::row::Kind;

/// A fresh registry of some library, with one counter of two labels.
pub(crate) trait Store: Send + Sync {
    /// Looks each series up, which creates it, and counts its weight.
    fn fill(&self, series: &[Labels]);

    /// What the calling thread does to count each series once more: through handles where the library has them.
    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a>;

    /// Writes all series as text into one of the buffers of `page`, which may be full of an older page: a buffer to use
    /// again, where the library can.
    fn scrape(&self, page: &mut Page);
}

/// Buffers for a page of text, of the types that libraries write into.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ours: ia_exporter_prometheus::Page,
}

impl Page {
    /// How many lines were written.
    pub(crate) fn lines(&self) -> usize {
        let bytes =
            self.text.bytes().chain(self.bytes.iter().copied()).chain(self.ours.iter().copied());
        bytes.filter(|byte| *byte == b'\n').count()
    }
}

/// How to make a [`Store`], and what it is.
pub(crate) struct StoreSpec {
    pub(crate) subject: &'static str,
    pub(crate) kind: Kind,
    /// How series are looked up, and how the text is made.
    pub(crate) how: &'static str,
    pub(crate) make: fn() -> Box<dyn Store>,
}

impl fmt::Debug for StoreSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSpec").field("subject", &self.subject).finish_non_exhaustive()
    }
}

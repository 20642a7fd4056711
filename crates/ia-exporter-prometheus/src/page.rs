//! Memory for a page of metrics.

use std::fmt;
use std::ops::Deref;

use crate::encode::Current;

/// A page of metrics as text, in memory that is used again: the fastest way to write a great many series. Made by
/// [`PrometheusExporter::write_page`](crate::PrometheusExporter::write_page).
#[derive(Clone, Default)]
pub struct Page {
    /// All of it was written at some time, so that it need not be cleared before it is written again.
    memory: Vec<u8>,
    len: usize,
    pub(crate) current: Current,
}

impl Page {
    /// An empty page, without memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The page's text, and its memory with it.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.memory.truncate(self.len);
        self.memory
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn memory(&mut self) -> (&mut [u8], &mut usize) {
        (&mut self.memory, &mut self.len)
    }

    /// Makes room for at least so many bytes more.
    pub(crate) fn grow(&mut self, bytes: usize) {
        let larger = (self.memory.len() * 2).max(self.len + bytes).max(4_096);
        self.memory.resize(larger, 0);
    }
}

impl Deref for Page {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.len]
    }
}

impl AsRef<[u8]> for Page {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("len", &self.len).finish_non_exhaustive()
    }
}

//! The begin of a family's lines.

use super::target::LINE;

/// What is copied at once: most names are not longer.
const PIECE: usize = 32;

/// The name of a family, an opening brace behind it, and what fills them up to a whole piece.
#[derive(Clone, Default)]
pub(super) struct Name {
    first: [u8; PIECE],
    /// What the first piece has no room for.
    rest: Vec<u8>,
    /// With the brace.
    len: usize,
}

impl Name {
    pub(super) fn set(&mut self, prefix: &str, name: &str) {
        let bytes = || prefix.bytes().chain(name.bytes()).chain([b'{']);
        self.first = [b' '; PIECE];
        self.first.iter_mut().zip(bytes()).for_each(|(place, byte)| *place = byte);
        self.rest.clear();
        self.rest.extend(bytes().skip(PIECE));
        self.len = bytes().count();
    }

    /// Copies it to the begin of a line, and says how long it is; `None` where it does not fit.
    #[inline]
    pub(super) fn copy_to(&self, line: &mut [u8; LINE]) -> Option<usize> {
        *line.first_chunk_mut()? = self.first;
        if !self.rest.is_empty() {
            line.get_mut(PIECE..self.len)?.copy_from_slice(&self.rest);
        }
        Some(self.len)
    }
}

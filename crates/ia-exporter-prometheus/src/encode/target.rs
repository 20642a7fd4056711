//! Where text goes.

use std::fmt;

use ia_metrics_core::LabelText;

use super::number;
use crate::Page;

/// What is put at once: a line that is longer takes the slow way.
pub(super) const LINE: usize = 1_024;

/// Labels come in pieces of so many bytes.
const PIECE: usize = 16;

/// Memory that text is written into, one behind the other.
pub(crate) trait Target {
    /// The memory, and how much of it is written.
    fn memory(&mut self) -> (&mut [u8], &mut usize);

    /// Makes room for at least [`LINE`] bytes.
    fn make_room(&mut self);
}

impl Target for &mut Page {
    fn memory(&mut self) -> (&mut [u8], &mut usize) {
        Page::memory(self)
    }

    fn make_room(&mut self) {
        self.grow(LINE);
    }
}

/// Appends to a [`Target`].
pub(super) struct Text<T>(pub(super) T);

impl<T: Target> Text<T> {
    /// Appends text of any length.
    pub(super) fn put(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let (memory, len) = self.0.memory();
            let fits = rest.len().min(memory.len() - *len);
            memory[*len..*len + fits].copy_from_slice(&rest[..fits]);
            *len += fits;
            rest = &rest[fits..];
            if !rest.is_empty() {
                self.0.make_room();
            }
        }
    }

    /// Appends as many lines as `next` writes, one at a time.
    #[inline]
    pub(super) fn put_lines(&mut self, mut next: impl FnMut(&mut [u8; LINE]) -> Next) {
        loop {
            let (memory, written) = self.0.memory();
            let mut len = *written;
            // The length stays in a register as long as there is room.
            let ended = loop {
                let Some(line) = memory.get_mut(len..).and_then(|rest| rest.first_chunk_mut())
                else {
                    break false;
                };
                match next(line) {
                    Next::Line(bytes) => len += bytes,
                    Next::End => break true,
                }
            };
            *written = len.min(memory.len());
            if ended {
                return;
            }
            self.0.make_room();
        }
    }
}

impl<T: Target> fmt::Write for Text<T> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text);
        Ok(())
    }
}

/// What became of a line.
pub(super) enum Next {
    /// It was written, and has so many bytes.
    Line(usize),
    /// There are no more, or none that fits.
    End,
}

/// Copies whole pieces of a label to a place in a line; `None` where they do not fit.
#[inline]
pub(super) fn copy(line: &mut [u8; LINE], at: usize, label: LabelText<'_>) -> Option<()> {
    let (first, more) = label.pieces();
    let place: &mut [u8; 2 * PIECE] = line.get_mut(at..)?.first_chunk_mut()?;
    *place.first_chunk_mut()? = *first;
    let Some((second, rest)) = more.split_first() else { return Some(()) };
    *place.last_chunk_mut()? = *second;
    if !rest.is_empty() {
        let rest = rest.as_flattened();
        line.get_mut(at + 2 * PIECE..)?.get_mut(..rest.len())?.copy_from_slice(rest);
    }
    Some(())
}

/// Copies a few bytes to a place in a line.
#[inline]
pub(super) fn put<const N: usize>(line: &mut [u8; LINE], at: usize, bytes: [u8; N]) -> Option<()> {
    *line.get_mut(at..)?.first_chunk_mut()? = bytes;
    Some(())
}

/// Writes a whole number to a place in a line, and says how long it is.
#[inline]
pub(super) fn put_integer(line: &mut [u8; LINE], at: usize, value: u64) -> Option<usize> {
    Some(number::write(line.get_mut(at..)?.first_chunk_mut()?, value))
}

//! A small buffer in front of a writer.

use std::fmt;
use std::io::{self, Write};

use ia_metrics_core::LabelText;

use super::number;

/// Small enough for a first-level cache and a stack.
const SIZE: usize = 16 * 1024;

/// Labels come in pieces of so many bytes.
const PIECE: usize = 16;

/// What is put at once: a line that is longer takes the slow way.
pub(super) const LINE: usize = 1_024;

/// Collects text, and hands it on in pieces of up to 16 KiB.
pub(super) struct Block<W> {
    bytes: [u8; SIZE],
    len: usize,
    out: W,
    /// The first error of the writer: what comes after it is dropped.
    error: Option<io::Error>,
}

impl<W: Write> Block<W> {
    pub(super) fn new(out: W) -> Self {
        Self { bytes: [0; SIZE], len: 0, out, error: None }
    }

    /// Hands on what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush();
        self.error.map_or(Ok(()), Err)
    }

    /// Appends text of any length.
    pub(super) fn put(&mut self, text: &str) {
        if SIZE - self.len < text.len() {
            self.flush();
        }
        match self.bytes.get_mut(self.len..self.len + text.len()) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                self.len += text.len();
            }
            None => self.pass_on(text.as_bytes()),
        }
    }

    /// Appends as many lines as `next` writes, one at a time.
    #[inline]
    pub(super) fn put_lines(&mut self, mut next: impl FnMut(&mut [u8; LINE]) -> Next) {
        loop {
            let mut len = self.len;
            // The length stays in a register as long as there is room.
            let ended = loop {
                let Some(line) = self.bytes.get_mut(len..).and_then(|rest| rest.first_chunk_mut())
                else {
                    break false;
                };
                match next(line) {
                    Next::Line(bytes) => len += bytes,
                    Next::End => break true,
                }
            };
            self.len = len.min(SIZE);
            if ended {
                return;
            }
            self.flush();
        }
    }

    #[cold]
    fn flush(&mut self) {
        let len = std::mem::take(&mut self.len);
        if self.error.is_none()
            && let Err(error) = self.out.write_all(&self.bytes[..len])
        {
            self.error = Some(error);
        }
    }

    #[cold]
    fn pass_on(&mut self, text: &[u8]) {
        self.flush();
        if self.error.is_none()
            && let Err(error) = self.out.write_all(text)
        {
            self.error = Some(error);
        }
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

impl<W: Write> fmt::Write for Block<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text);
        Ok(())
    }
}

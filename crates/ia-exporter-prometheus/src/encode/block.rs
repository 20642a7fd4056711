//! A small buffer in front of a writer.

use std::io::{self, Write};

use super::target::Target;

/// Large enough that handing it on costs little for each line.
const SIZE: usize = 64 * 1024;

/// Collects text, and hands it on in pieces of up to 64 KiB.
pub(crate) struct Block<W> {
    bytes: Box<[u8]>,
    len: usize,
    out: W,
    /// The first error of the writer: what comes after it is dropped.
    error: Option<io::Error>,
}

impl<W: Write> Block<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { bytes: vec![0; SIZE].into(), len: 0, out, error: None }
    }

    /// Hands on what is left.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.make_room();
        self.error.map_or(Ok(()), Err)
    }
}

impl<W: Write> Target for Block<W> {
    fn memory(&mut self) -> (&mut [u8], &mut usize) {
        (&mut self.bytes, &mut self.len)
    }

    fn make_room(&mut self) {
        let len = std::mem::take(&mut self.len);
        if self.error.is_none()
            && let Err(error) = self.out.write_all(&self.bytes[..len])
        {
            self.error = Some(error);
        }
    }
}

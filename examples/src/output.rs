//! Speaks to people and to programs, and keeps going when nobody listens.
//!
//! `println!` panics when its reader has left, as in `quickstart --once | head -1`. These functions do not: that nobody
//! reads the output is no reason to stop counting.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a line to standard output: what the program was asked for.
pub fn say(line: impl Display) {
    write(io::stdout().lock(), &line);
}

/// Writes a line to standard error: what is said by the way.
pub fn note(line: impl Display) {
    write(io::stderr().lock(), &line);
}

fn write(mut stream: impl Write, line: &dyn Display) {
    let written = writeln!(stream, "{line}").and_then(|()| stream.flush());
    // The reader has left; there is nobody to tell.
    drop(written);
}

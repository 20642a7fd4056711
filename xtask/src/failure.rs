//! The one error of this crate: what went wrong, and what to do about it.

use std::{fmt, process::Output};

/// What a helper of this crate returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Something that went wrong. There is no way to make one without a remedy.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    what: String,
    remedy: String,
}

impl Failure {
    /// `what` and `remedy` are clauses: no capital, no full stop.
    pub(crate) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// A program that ran and failed, in its own last words.
    pub(crate) fn of_program(program: &str, output: &Output, remedy: impl Into<String>) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message");
        Self::new(format!("`{program}` failed ({}): {}", output.status, last.trim()), remedy)
    }

    /// The same failure, with words in front of what went wrong.
    #[must_use]
    pub(crate) fn context(self, words: &str) -> Self {
        Self { what: format!("{words} {}", self.what), remedy: self.remedy }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, remedy: {}", self.what, self.remedy)
    }
}

/// Prints each of `failures` and makes one of them all; none of them is a success.
pub(crate) fn none_of(failures: &[Failure]) -> Result<()> {
    for failure in failures {
        println!("{failure}");
    }
    match failures {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(Failure::new(format!("{} findings", many.len()), "named above with each")),
    }
}

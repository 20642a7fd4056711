//! Where exemplars get their spans from.

use std::error::Error;
use std::fmt;

use super::ExemplarSpan;

/// The current sampled span, where there is one.
pub(crate) type ExemplarSource = fn() -> Option<ExemplarSpan>;

/// The registry has a source of exemplars already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExemplarSourceAlreadySet;

impl fmt::Display for ExemplarSourceAlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the registry has a source of exemplars already; give it yours when it is built",
        )
    }
}

impl Error for ExemplarSourceAlreadySet {}

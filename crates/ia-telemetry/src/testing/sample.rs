//! A value that compares with numbers of any type.

use std::fmt;

/// The value of a series, or that there is none. Made by [`Isolated::value`](super::Isolated::value).
#[derive(Clone, Copy, PartialEq)]
pub struct Sample(Option<f64>);

impl Sample {
    pub(crate) fn new(value: Option<f64>) -> Self {
        Self(value)
    }

    /// The value; `None` where there is no such series.
    #[must_use]
    pub fn get(self) -> Option<f64> {
        self.0
    }
}

impl PartialEq<i32> for Sample {
    fn eq(&self, other: &i32) -> bool {
        self.0 == Some(f64::from(*other))
    }
}

impl PartialEq<u64> for Sample {
    fn eq(&self, other: &u64) -> bool {
        self.0 == Some(*other as f64)
    }
}

impl PartialEq<f64> for Sample {
    fn eq(&self, other: &f64) -> bool {
        self.0 == Some(*other)
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "{value}"),
            None => f.write_str("no such series"),
        }
    }
}

//! Why an exporter cannot be built.

use std::error::Error;
use std::fmt;

/// Why an exporter cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// No metric name can begin with the prefix.
    InvalidPrefix {
        /// The prefix.
        prefix: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidPrefix { prefix } => write!(
                f,
                "prefix `{}` cannot be used: use letters, digits, underscores and colons, and do not start with a digit",
                prefix.escape_debug()
            ),
        }
    }
}

impl Error for ConfigError {}

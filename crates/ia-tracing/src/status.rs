//! How a span's work went.

use std::borrow::Cow;
use std::fmt;

/// How a span's work went. Defaults to [`Status::Unset`].
///
/// ```
/// use ia_tracing::Status;
///
/// assert_eq!(Status::error("disk full").to_string(), "error: disk full");
/// assert_eq!(Status::Ok.to_string(), "ok");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The work failed.
    Error {
        /// Why, in words; empty when nothing is known.
        description: Cow<'static, str>,
    },
    /// Someone decided that the work went well. This is final.
    Ok,
    /// Nobody said.
    #[default]
    Unset,
}

impl Status {
    /// A failure and why.
    #[must_use]
    pub fn error(description: impl Into<Cow<'static, str>>) -> Self {
        Self::Error { description: description.into() }
    }

    /// Whether the work failed.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Error { .. })
    }

    /// Whether someone decided that the work went well.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }

    /// Takes over `new`, by the rules of OpenTelemetry's "Set Status": `Ok` is final and `Unset`
    /// is ignored.
    pub(crate) fn update(&mut self, new: Self) {
        if !self.is_ok() && new != Self::Unset {
            *self = new;
        }
    }
}

/// `unset`, `ok`, `error: description`, or `error` when the description is empty.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { description } if description.is_empty() => f.write_str("error"),
            Self::Error { description } => write!(f, "error: {description}"),
            Self::Ok => f.write_str("ok"),
            Self::Unset => f.write_str("unset"),
        }
    }
}

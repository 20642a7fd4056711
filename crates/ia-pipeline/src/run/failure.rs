//! How one attempt, or a step as a whole, fails.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::StepError;
use crate::error_type::{self, Classifier};

/// Why a step has nothing to give.
pub(crate) enum Failure {
    AmbiguousInput,
    Error(StepError),
    /// Its fallback failed too. It keeps the name of what it failed with itself.
    Fallback {
        own: Box<Self>,
        fallback: Box<Self>,
    },
    LoopLimit {
        limit: u32,
        to: String,
    },
    Panic(String),
    Timeout(Duration),
}

impl Failure {
    /// From what a panic carries.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let message = payload.downcast_ref::<&str>().map(|message| (*message).to_owned());
        let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
        Self::Panic(message.unwrap_or_else(|| "no message".to_owned()))
    }

    /// The value of the label `error_type`.
    pub(crate) fn error_type(&self, classifiers: &[Classifier]) -> Cow<'static, str> {
        match self {
            Self::AmbiguousInput => Cow::Borrowed(error_type::AMBIGUOUS_INPUT),
            Self::Error(error) => error_type::name_of(error, classifiers),
            Self::Fallback { own, .. } => own.error_type(classifiers),
            Self::LoopLimit { .. } => Cow::Borrowed(error_type::LOOP_LIMIT),
            Self::Panic(_) => Cow::Borrowed(error_type::PANIC),
            Self::Timeout(_) => Cow::Borrowed(error_type::TIMEOUT),
        }
    }

    /// The error behind it, where a step returned one.
    pub(crate) fn into_source(self) -> Option<Box<dyn Error + Send + Sync>> {
        match self {
            Self::Error(error) => Some(error.into_error()),
            Self::Fallback { own, .. } => own.into_source(),
            Self::AmbiguousInput | Self::LoopLimit { .. } | Self::Panic(_) | Self::Timeout(_) => {
                None
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AmbiguousInput => f.write_str(
                "several of its predecessors gave it a value, but it takes one; add it by `.join(…)` or make the conditions exclude each other",
            ),
            Self::Error(error) => error.fmt(f),
            Self::Fallback { own, fallback } => write!(f, "{own}; its fallback failed too: {fallback}"),
            Self::LoopLimit { limit, to } => {
                write!(f, "the loop back to `{to}` was to be taken more than {limit} times; raise its limit or change its condition")
            }
            Self::Panic(message) => write!(f, "panicked: {message}"),
            Self::Timeout(limit) => write!(f, "took longer than {limit:?}"),
        }
    }
}

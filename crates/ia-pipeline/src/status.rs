//! How runs and steps end.

use std::fmt;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunStatus {
    /// Its future was dropped, or it was cancelled.
    Cancelled,
    /// A step failed for good, a limit was exceeded, or the flow ended as a failure.
    Error,
    /// It waits for a person.
    Paused,
    /// It finished.
    Success,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepStatus {
    /// The run ended while it was under way.
    Cancelled,
    /// It failed for good.
    Error,
    /// It failed for good and its fallback answered.
    Fallback,
    /// The flow did not take the way to it.
    Skipped,
    /// It finished.
    Success,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Success, Self::Error, Self::Cancelled, Self::Paused];

    /// Where it stands in [`ALL`](Self::ALL).
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Cancelled => 2,
            Self::Paused => 3,
        }
    }

    /// The value of the label `status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Error => "error",
            Self::Paused => "paused",
            Self::Success => "success",
        }
    }
}

impl StepStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Success, Self::Fallback, Self::Error, Self::Skipped, Self::Cancelled];

    /// Where it stands in [`ALL`](Self::ALL).
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Success => 0,
            Self::Fallback => 1,
            Self::Error => 2,
            Self::Skipped => 3,
            Self::Cancelled => 4,
        }
    }

    /// The value of the label `status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Error => "error",
            Self::Fallback => "fallback",
            Self::Skipped => "skipped",
            Self::Success => "success",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for StepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

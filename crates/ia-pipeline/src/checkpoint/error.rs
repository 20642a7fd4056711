//! Why a run cannot be resumed.

use std::error::Error;
use std::fmt;

use super::StoreError;
use crate::RunId;

/// Why a run cannot be resumed. Nothing has been run or counted then, and the checkpoint is as it was.
///
/// `Debug` writes what `Display` does: a `main` that returns it prints it that way.
#[non_exhaustive]
pub enum ResumeError {
    /// The answer cannot be written as JSON.
    Answer {
        /// What JSON cannot hold.
        reason: String,
    },
    /// The pipeline has other steps or another flow than when the checkpoint was made.
    Changed {
        /// The run.
        run: RunId,
        /// The pipeline.
        pipeline: String,
    },
    /// Nothing that is asked has this token: it was answered already, or the run has ended.
    NotAsked {
        /// The run.
        run: RunId,
    },
    /// There is no checkpoint of this run: it succeeded, it was removed, or it never was.
    NotFound {
        /// The run.
        run: RunId,
    },
    /// The pipeline was built without `.checkpoint_store(…)`.
    NoStore,
    /// The checkpoint is that of another pipeline.
    OtherPipeline {
        /// The run.
        run: RunId,
        /// The pipeline of the checkpoint.
        found: String,
        /// This pipeline.
        expected: String,
    },
    /// The store failed, or the run was resumed elsewhere at the same moment.
    Store(StoreError),
    /// The checkpoint is not whole.
    Torn {
        /// The run.
        run: RunId,
        /// What is wrong with it.
        reason: String,
    },
    /// A value in the checkpoint is not what the pipeline needs.
    Value {
        /// The step that gave it; `None` for the input of the run.
        step: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// The checkpoint was written by another version.
    Version {
        /// The run.
        run: RunId,
        /// The version of the checkpoint.
        found: u32,
        /// The version that is known here.
        known: u32,
    },
}

impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { reason } => {
                write!(f, "the answer cannot be written as JSON: {reason}; give one that can")
            }
            Self::Changed { run, pipeline } => write!(
                f,
                "pipeline `{}` has other steps or another flow than when run {run} was saved; resume it with the build that began it, or run it anew",
                pipeline.escape_debug()
            ),
            Self::NotAsked { run } => write!(
                f,
                "nothing that run {run} asks has this token: it was answered already, or is of another pause"
            ),
            Self::NotFound { run } => write!(
                f,
                "there is no checkpoint of run {run}: it succeeded, was removed, or is in another store"
            ),
            Self::NoStore => f.write_str(
                "the pipeline has no store of checkpoints; build it with `.checkpoint_store(…)`",
            ),
            Self::OtherPipeline { run, found, expected } => write!(
                f,
                "run {run} is one of pipeline `{}`, not of `{}`; resume it there",
                found.escape_debug(),
                expected.escape_debug()
            ),
            Self::Store(error) => error.fmt(f),
            Self::Torn { run, reason } => write!(
                f,
                "the checkpoint of run {run} cannot be used, as {}; remove it and run anew",
                reason.escape_debug()
            ),
            Self::Value { step: Some(step), reason } => write!(
                f,
                "what step `{}` gave cannot be read from the checkpoint: {}; resume it with the build that began it, or run it anew",
                step.escape_debug(),
                reason.escape_debug()
            ),
            Self::Value { step: None, reason } => write!(
                f,
                "the input of the run cannot be read from the checkpoint: {}; resume it with the build that began it, or run it anew",
                reason.escape_debug()
            ),
            Self::Version { run, found, known } => write!(
                f,
                "the checkpoint of run {run} has version {found}, and this build reads version {known}; resume it with the build that wrote it"
            ),
        }
    }
}

impl fmt::Debug for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ResumeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(StoreError::Other(error)) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<StoreError> for ResumeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

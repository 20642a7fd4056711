//! What can be wrong with the streams of a pipeline.

use std::error::Error;
use std::fmt;

/// One mistake in a pipeline that has to do with a [`Stream`](crate::Stream). A
/// [`BuildError::Stream`](crate::BuildError::Stream) holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamBuildError {
    /// A condition asks about a stream, before it has items.
    Condition {
        /// The step that yields it.
        step: String,
    },
    /// A step that yields or takes a stream has a limit of its own of how often it runs at the same time: it could wait for
    /// a step that waits for it.
    Concurrency {
        /// The step.
        step: String,
    },
    /// A loop starts a step over that takes a stream, but not the step that yields it.
    Loop {
        /// Where the loop begins.
        from: String,
        /// The step that yields the stream.
        yields: String,
        /// The step that takes it.
        takes: String,
    },
    /// A step gives on a stream that it took.
    PassedOn {
        /// The step.
        step: String,
    },
    /// A step that yields or takes a stream is to begin anew, or to be done without, when it fails.
    Policy {
        /// The step.
        step: String,
        /// What it was given for that.
        policy: &'static str,
    },
    /// A stream is not taken by exactly one step.
    Takers {
        /// The step that yields it.
        step: String,
        /// Where the flow leads from there.
        takers: Vec<String>,
    },
}

impl fmt::Display for StreamBuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition { step } => write!(
                f,
                "a condition after `{step}` asks about a stream that has no items yet; ask after the step that takes it"
            ),
            Self::Concurrency { step } => write!(
                f,
                "step `{step}` yields or takes a stream, so with a limit of its own it could wait for a step that waits for it; limit the pipeline by `max_concurrency` or `max_concurrent_runs`"
            ),
            Self::Loop { from, yields, takes } => write!(
                f,
                "the loop back from `{from}` starts `{takes}` over, but not `{yields}`, whose stream has been taken by then; lead it back to `{yields}` or before, or collect the stream first"
            ),
            Self::PassedOn { step } => write!(
                f,
                "step `{step}` gives a stream as a whole; add it by `.stream(…)` and let it send the items"
            ),
            Self::Policy { step, policy } => write!(
                f,
                "step `{step}` yields or takes a stream, of which items are gone when it fails, so it cannot have {policy}; handle the error of an item inside the step"
            ),
            Self::Takers { step, takers } if takers.is_empty() => write!(
                f,
                "nobody takes the stream of step `{step}`; add a step after it that takes a `Stream`"
            ),
            Self::Takers { step, takers } => write!(
                f,
                "the stream of step `{step}` leads to [{}], but exactly one step takes a stream; lead it to one, and let that one give what others need",
                takers.join(", ")
            ),
        }
    }
}

impl Error for StreamBuildError {}

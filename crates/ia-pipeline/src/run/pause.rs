//! Runs that wait for a person.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use super::RunId;

/// A step cannot go on before somebody has answered. Returned by [`StepContext::ask`](crate::StepContext::ask), and to be
/// returned by the step: then the run pauses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paused {
    /// The pipeline was built without `.checkpoint_store(…)`, so the run cannot pause: the step fails.
    NoStore,
    /// The answer is not there yet.
    Waiting,
    /// The step yields a stream, whose items would be taken again when it begins anew: ask in another step.
    Yields,
}

/// A question that a paused run waits for. Read by [`RunError::pauses`](crate::RunError::pauses).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// The step that asks.
    pub step: String,
    /// What it asks.
    pub question: String,
    /// What to answer with: see [`Pipeline::resume_with`](crate::Pipeline::resume_with).
    pub token: PauseToken,
}

/// Names one question of one run. It is written and read as text, to be kept beside the question until it is answered,
/// and cannot be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PauseToken {
    run: RunId,
    nonce: u64,
}

/// A text is not a token.
#[derive(Clone, PartialEq, Eq)]
pub struct ParsePauseTokenError;

impl PauseToken {
    pub(crate) fn new(run: RunId, nonce: u64) -> Self {
        Self { run, nonce }
    }

    /// The run that waits.
    #[must_use]
    pub fn run(&self) -> RunId {
        self.run
    }

    pub(crate) fn nonce(&self) -> u64 {
        self.nonce
    }
}

impl fmt::Display for PauseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.run, self.nonce)
    }
}

impl FromStr for PauseToken {
    type Err = ParsePauseTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (run, nonce) = text.split_once('-').ok_or(ParsePauseTokenError)?;
        let run = run.parse().map_err(|_| ParsePauseTokenError)?;
        let nonce: RunId = nonce.parse().map_err(|_| ParsePauseTokenError)?;
        Ok(Self { run, nonce: nonce.number() })
    }
}

impl fmt::Display for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStore => {
                "a step asks a person, but the run cannot pause: build the pipeline with `.checkpoint_store(…)`"
            }
            Self::Waiting => "waits for an answer",
            Self::Yields => {
                "a step that yields a stream asks a person; ask in a step before it, or in the one that takes the stream"
            }
        })
    }
}

impl Error for Paused {}

impl fmt::Display for ParsePauseTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a token of a pause: it is two times sixteen hexadecimal digits with a `-` between",
        )
    }
}

impl fmt::Debug for ParsePauseTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ParsePauseTokenError {}

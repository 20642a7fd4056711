//! What a checkpoint says, and how it is written.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::ResumeError;
use crate::{RunId, StepStatus, Usage};

/// The first word of every checkpoint.
const MAGIC: &str = "ia-pipeline-checkpoint";

/// The version of what follows. One that is not known is refused, not guessed at.
const VERSION: u32 = 1;

/// What a run has done so far. Steps are numbered in the order in which they were added.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) pipeline: String,
    /// Tells whether the pipeline still has the same steps and the same flow.
    pub(crate) shape: u32,
    pub(crate) revision: u64,
    /// The span of the run as a `traceparent`, where it has one.
    pub(crate) trace: Option<String>,
    /// How long the run was active.
    pub(crate) active_nanos: u64,
    /// What executions cost that are not recorded, as they failed or ended in a pause: their steps run again.
    pub(crate) spent: Totals,
    /// The number of the next record.
    pub(crate) sequence: u64,
    pub(crate) input: Arc<RawValue>,
    /// The steps that have ended, in that order.
    pub(crate) steps: Vec<StepRecord>,
    /// What persons were asked and have not answered.
    pub(crate) questions: Vec<Question>,
    /// What persons have answered to steps that have not ended since.
    pub(crate) answers: Vec<Answer>,
}

/// One execution of a step that ended and did not end the run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    pub(crate) sequence: u64,
    pub(crate) step: usize,
    pub(crate) status: SavedStatus,
    pub(crate) error_type: Option<String>,
    pub(crate) output: SavedOutput,
    /// The links that were followed, by number.
    pub(crate) ahead: Vec<usize>,
    pub(crate) back: Option<usize>,
    pub(crate) attempts: u32,
    pub(crate) nanos: u64,
    /// How many items it put into a stream.
    pub(crate) sent: u64,
    pub(crate) totals: Totals,
}

/// What became of the output of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedOutput {
    /// The step failed, and the run went on without its output.
    Nothing,
    /// It is not saved: the step runs again if somebody still needs it.
    NotSaved,
    /// As JSON.
    Value(Arc<RawValue>),
}

/// How a step that is recorded ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedStatus {
    Error,
    Fallback,
    Success,
}

/// What a step reported and spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totals {
    pub(crate) items: u64,
    pub(crate) api_calls: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// Parts of the input and of the output.
    #[serde(default)]
    pub(crate) cached_tokens: u64,
    #[serde(default)]
    pub(crate) cache_written_tokens: u64,
    #[serde(default)]
    pub(crate) reasoning_tokens: u64,
    pub(crate) cost_nano_usd: i64,
}

/// A question to a person, asked by a step as its `number`-th.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) step: usize,
    pub(crate) number: u32,
    /// Makes the token one that cannot be guessed.
    pub(crate) nonce: u64,
    pub(crate) text: String,
}

/// What a person answered to the `number`-th question of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) step: usize,
    pub(crate) number: u32,
    /// That of the question: the same token asks it again, where the answer cannot be used.
    pub(crate) nonce: u64,
    pub(crate) value: Arc<RawValue>,
}

impl Document {
    /// One line that tells version, length and checksum, then the document as JSON.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let body = serde_json::to_vec(self)?;
        let mut bytes =
            format!("{MAGIC} {VERSION} {} {:08x}\n", body.len(), crc32fast::hash(&body))
                .into_bytes();
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    pub(crate) fn decode(run: RunId, bytes: &[u8]) -> Result<Self, ResumeError> {
        let torn = |reason: &str| ResumeError::Torn { run, reason: reason.to_owned() };
        let line = bytes.iter().position(|byte| *byte == b'\n');
        let line = line.ok_or_else(|| torn("it has no first line"))?;
        let (head, body) = (&bytes[..line], &bytes[line + 1..]);
        let head = str::from_utf8(head).map_err(|_| torn("its first line is no text"))?;
        let mut words = head.split(' ');
        if words.next() != Some(MAGIC) {
            return Err(torn("it is not a checkpoint"));
        }
        let version: u32 = words
            .next()
            .and_then(|version| version.parse().ok())
            .ok_or_else(|| torn("its version cannot be read"))?;
        if version != VERSION {
            return Err(ResumeError::Version { run, found: version, known: VERSION });
        }
        let length: Option<usize> = words.next().and_then(|length| length.parse().ok());
        if length != Some(body.len()) {
            return Err(torn("it is shorter or longer than it says"));
        }
        let sum = words.next().and_then(|sum| u32::from_str_radix(sum, 16).ok());
        if sum != Some(crc32fast::hash(body)) {
            return Err(torn("its checksum is wrong"));
        }
        serde_json::from_slice(body).map_err(|error| torn(&error.to_string()))
    }
}

impl Totals {
    pub(crate) fn tokens(&self) -> Usage {
        Usage::tokens(self.input_tokens, self.output_tokens)
            .cached(self.cached_tokens)
            .cache_written(self.cache_written_tokens)
            .reasoning(self.reasoning_tokens)
    }

    /// What was spent, without the items, which a step that runs again reports again.
    pub(crate) fn money(self) -> Self {
        Self { items: 0, ..self }
    }

    /// Adds what another execution spent.
    pub(crate) fn add_money(&mut self, other: Self) {
        *self = self.each(other, u64::saturating_add, i64::saturating_add).money();
    }

    /// What was spent beside this.
    pub(crate) fn money_without(self, others: impl Iterator<Item = Self>) -> Self {
        let rest = |rest: Self, other| rest.each(other, u64::saturating_sub, i64::saturating_sub);
        others.fold(self, rest).money()
    }

    fn each(self, other: Self, of: fn(u64, u64) -> u64, of_cost: fn(i64, i64) -> i64) -> Self {
        Self {
            items: of(self.items, other.items),
            api_calls: of(self.api_calls, other.api_calls),
            input_tokens: of(self.input_tokens, other.input_tokens),
            output_tokens: of(self.output_tokens, other.output_tokens),
            cached_tokens: of(self.cached_tokens, other.cached_tokens),
            cache_written_tokens: of(self.cache_written_tokens, other.cache_written_tokens),
            reasoning_tokens: of(self.reasoning_tokens, other.reasoning_tokens),
            cost_nano_usd: of_cost(self.cost_nano_usd, other.cost_nano_usd),
        }
    }
}

impl SavedStatus {
    /// Of a step that is recorded; others end the run, or never ran.
    pub(crate) fn of(status: StepStatus) -> Self {
        match status {
            StepStatus::Success => Self::Success,
            StepStatus::Fallback => Self::Fallback,
            StepStatus::Cancelled | StepStatus::Error | StepStatus::Skipped => Self::Error,
        }
    }

    pub(crate) fn status(self) -> StepStatus {
        match self {
            Self::Error => StepStatus::Error,
            Self::Fallback => StepStatus::Fallback,
            Self::Success => StepStatus::Success,
        }
    }
}

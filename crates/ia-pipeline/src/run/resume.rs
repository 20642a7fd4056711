//! From a checkpoint back to a run.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use ia_tracing::{SpanContext, TraceFlags};
use serde_json::value::RawValue;

use super::RunId;
use super::pause::PauseToken;
use super::routes::Routes;
use crate::ResumeError;
use crate::builder::Target;
use crate::checkpoint::{Answer, Document, SavedOutput, StepRecord};
use crate::data::Shared;
use crate::pipeline::{Checkpoints, Core};

/// What a run begins with: nothing but its input, or what it had done before.
pub(crate) struct Beginning {
    pub(crate) input: Shared,
    pub(crate) document: Option<Document>,
    pub(crate) replay: Replay,
}

/// What persons answered, by step and number of the question.
pub(crate) type Answers = HashMap<(usize, u32), Arc<RawValue>>;

/// The steps that need not run again, each in the order of its executions.
#[derive(Default)]
pub(crate) struct Replay(HashMap<usize, VecDeque<Replayed>>);

/// An execution of a step that was recorded.
pub(crate) enum Replayed {
    /// Its output is not saved, and somebody needs it: it runs again in place of the record of this sequence.
    Again(u64),
    /// It gave this, or nothing where its failure did not end the run.
    Gave(Option<Shared>, Routes),
}

impl Beginning {
    pub(crate) fn anew(input: Shared) -> Self {
        Self { input, document: None, replay: Replay::default() }
    }

    /// Loads the checkpoint of a run, puts an answer into it where one is given, and saves it as the next revision, so
    /// that nobody else resumes the same run.
    pub(crate) async fn resumed(
        core: &Core,
        run: RunId,
        answer: Option<(PauseToken, Arc<RawValue>)>,
    ) -> Result<Self, ResumeError> {
        let Checkpoints { store, input } = core.checkpoints.as_ref().ok_or(ResumeError::NoStore)?;
        let bytes = store.load(run).await?.ok_or(ResumeError::NotFound { run })?;
        let mut document = Document::decode(run, &bytes)?;
        if *document.pipeline != *core.name {
            let expected = core.name.to_string();
            return Err(ResumeError::OtherPipeline { run, found: document.pipeline, expected });
        }
        if document.shape != core.graph.shape(&core.plans) {
            return Err(ResumeError::Changed { run, pipeline: document.pipeline });
        }
        if let Some((token, value)) = answer {
            let asked = document.questions.iter().position(|asked| asked.nonce == token.nonce());
            let asked = document.questions.remove(asked.ok_or(ResumeError::NotAsked { run })?);
            document.answers.push(Answer { step: asked.step, number: asked.number, value });
        }
        let input = input
            .decode(&document.input)
            .map_err(|reason| ResumeError::Value { step: None, reason })?;
        let replay = Replay::of(core, &document)?;
        document.revision = document.revision.saturating_add(1);
        let bytes = document
            .encode()
            .map_err(|error| ResumeError::Torn { run, reason: error.to_string() })?;
        store.save(run, document.revision, bytes).await?;
        Ok(Self { input, document: Some(document), replay })
    }
}

impl Replay {
    fn of(core: &Core, document: &Document) -> Result<Self, ResumeError> {
        let mut replay = Self::default();
        let again = again(core, &document.steps);
        for (record, again) in document.steps.iter().zip(again) {
            let routes = Routes { ahead: record.ahead.clone(), back: record.back };
            let replayed = match &record.output {
                _ if again => Replayed::Again(record.sequence),
                SavedOutput::Nothing => Replayed::Gave(None, routes),
                // Nobody looks at it: those that took it have ended.
                SavedOutput::NotSaved => Replayed::Gave(Some(Arc::new(())), routes),
                SavedOutput::Value(json) => {
                    let plan = &core.plans[record.step];
                    let wrong = |reason: String| ResumeError::Value {
                        step: Some(plan.name.to_string()),
                        reason,
                    };
                    let codec = plan
                        .codec
                        .ok_or_else(|| wrong("the step has no `.checkpoint()` any more".into()))?;
                    Replayed::Gave(Some(codec.decode(json).map_err(wrong)?), routes)
                }
            };
            replay.0.entry(record.step).or_default().push_back(replayed);
        }
        Ok(replay)
    }

    /// The next recorded execution of this step.
    pub(crate) fn next(&mut self, step: usize) -> Option<Replayed> {
        self.0.get_mut(&step)?.pop_front()
    }
}

/// Which records' steps run again: those whose output is not saved and is needed by a step that is not recorded, or runs
/// again itself.
fn again(core: &Core, records: &[StepRecord]) -> Vec<bool> {
    let mut again = vec![false; records.len()];
    // One that runs again may need others to.
    while let Some(at) =
        (0..records.len()).find(|at| !again[*at] && is_needed(core, records, &again, *at))
    {
        again[at] = true;
    }
    again
}

/// Whether somebody still needs the output of a record that does not hold it.
fn is_needed(core: &Core, records: &[StepRecord], again: &[bool], at: usize) -> bool {
    let record = &records[at];
    if !matches!(record.output, SavedOutput::NotSaved) {
        return false;
    }
    let is_needed_by = |link: usize| match core.graph.links[link].to {
        Target::End => core.plans[record.step].output.id() == core.gives().id(),
        Target::Failure => false,
        Target::Step(to) => taker(core, records, at, to).is_none_or(|taker| again[taker]),
    };
    let leads_nowhere = record.ahead.is_empty() && record.back.is_none();
    leads_nowhere || record.ahead.iter().chain(&record.back).any(|link| is_needed_by(*link))
}

/// The record of the execution of step `to` that took the output of the record at `at`.
fn taker(core: &Core, records: &[StepRecord], at: usize, to: usize) -> Option<usize> {
    let mut of_taker = (0..records.len()).filter(|other| records[*other].step == to);
    let giver = records[at].step;
    if core.plans[giver].stream.is_none() {
        // Who takes an output ends after who gave it.
        return of_taker.find(|other| *other > at);
    }
    // Who takes a stream may end before who yields it; but they begin together.
    let round = records[..at].iter().filter(|record| record.step == giver).count();
    of_taker.nth(round)
}

impl Document {
    /// The records, and whether their steps run again.
    pub(crate) fn records<'a>(
        &'a self,
        core: &Core,
    ) -> impl Iterator<Item = (&'a StepRecord, bool)> {
        let again = again(core, &self.steps);
        self.steps.iter().zip(again)
    }

    /// The span that began the run.
    pub(crate) fn span(&self) -> Option<SpanContext> {
        let mut parts = self.trace.as_deref()?.split('-').skip(1);
        let (trace_id, span_id) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
        Some(SpanContext::new(trace_id, span_id, TraceFlags::from_u8(flags)))
    }

    pub(crate) fn answers(&self) -> Answers {
        let answers = self.answers.iter();
        answers.map(|answer| ((answer.step, answer.number), Arc::clone(&answer.value))).collect()
    }
}

//! From a checkpoint back to a run.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use ia_tracing::{SpanContext, TraceFlags};
use serde_json::value::RawValue;

use super::RunId;
use super::contain::{Contained, Panic};
use super::pause::PauseToken;
use super::routes::Routes;
use crate::builder::Target;
use crate::checkpoint::{Answer, Document, Question, SavedOutput, StepRecord};
use crate::data::Shared;
use crate::pipeline::{Checkpoints, Core};
use crate::{ResumeError, StoreError};

/// What a run begins with: nothing but its input, or what it had done before.
pub(crate) struct Beginning {
    pub(crate) input: Shared,
    pub(crate) document: Option<Document>,
    /// By record of the document: whether its step runs again.
    pub(crate) again: Vec<bool>,
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
        Self { input, document: None, again: Vec::new(), replay: Replay::default() }
    }

    /// Loads the checkpoint of a run, puts an answer into it where one is given, and saves it as the next revision, so
    /// that nobody else resumes the same run.
    pub(crate) async fn resumed(
        core: &Core,
        run: RunId,
        answer: Option<(PauseToken, Arc<RawValue>)>,
    ) -> Result<Self, ResumeError> {
        let Checkpoints { store, input } = core.checkpoints.as_ref().ok_or(ResumeError::NoStore)?;
        let loaded = contained(store.load(run)).await?;
        let bytes = loaded.ok_or(ResumeError::NotFound { run })?;
        let mut document = Document::decode(run, &bytes)?;
        if *document.pipeline != *core.name {
            let expected = core.name.to_string();
            return Err(ResumeError::OtherPipeline { run, found: document.pipeline, expected });
        }
        if document.shape != core.graph.shape(&core.plans) {
            return Err(ResumeError::Changed { run, pipeline: document.pipeline });
        }
        if let Some(reason) = fault(core, &document) {
            return Err(ResumeError::Torn { run, reason: reason.to_owned() });
        }
        if let Some((token, value)) = answer {
            let asked = document.questions.iter().position(|asked| asked.nonce == token.nonce());
            let asked = document.questions.remove(asked.ok_or(ResumeError::NotAsked { run })?);
            let Question { step, number, nonce, .. } = asked;
            document.answers.push(Answer { step, number, nonce, value });
        }
        let input = input
            .decode(&document.input)
            .map_err(|reason| ResumeError::Value { step: None, reason })?;
        let again = again(core, &document.steps);
        let replay = Replay::of(core, &document, &again)?;
        document.revision += 1;
        let bytes = document
            .encode()
            .map_err(|error| ResumeError::Torn { run, reason: error.to_string() })?;
        contained(store.save(run, document.revision, bytes)).await?;
        Ok(Self { input, document: Some(document), again, replay })
    }
}

impl Replay {
    fn of(core: &Core, document: &Document, again: &[bool]) -> Result<Self, ResumeError> {
        let mut replay = Self::default();
        for (record, again) in document.steps.iter().zip(again) {
            let routes = Routes { ahead: record.ahead.clone(), back: record.back };
            let replayed = match &record.output {
                _ if *again => Replayed::Again(record.sequence),
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

/// What a store answers; a panic of it is an error of it.
async fn contained<T>(
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let answer = Contained::new(answer).await;
    answer.unwrap_or_else(|Panic(text)| Err(StoreError::other(format!("panicked: {text}"))))
}

/// What is wrong with the numbers of a checkpoint whose words are right.
fn fault(core: &Core, document: &Document) -> Option<&'static str> {
    let (graph, steps) = (&core.graph, core.plans.len());
    let is_wrong = |record: &StepRecord| {
        let leads_from = |link: usize, back: bool| {
            let link = graph.links.get(link);
            link.is_some_and(|link| link.from == record.step && link.is_loop() == back)
        };
        record.step >= steps
            || record.sequence >= document.sequence
            || !record.ahead.iter().all(|link| leads_from(*link, false))
            || !record.back.is_none_or(|link| leads_from(link, true))
    };
    let asked = document.questions.iter().map(|asked| asked.step);
    let answered = document.answers.iter().map(|answer| answer.step);
    if document.steps.iter().any(is_wrong) || asked.chain(answered).any(|step| step >= steps) {
        return Some("it names a step or a way that there is not");
    }
    let is_full = document.revision == u64::MAX || document.sequence == u64::MAX;
    is_full.then_some("its numbers are at their end")
}

/// The records, by step.
struct Records<'a> {
    core: &'a Core,
    all: &'a [StepRecord],
    /// Where those of a step are, ascending.
    of_step: Vec<Vec<usize>>,
}

/// Which records' steps run again: those whose output is not saved and is needed by a step that is not recorded, or runs
/// again itself.
fn again(core: &Core, all: &[StepRecord]) -> Vec<bool> {
    let mut of_step = vec![Vec::new(); core.plans.len()];
    all.iter().enumerate().for_each(|(at, record)| of_step[record.step].push(at));
    let records = Records { core, all, of_step };
    let mut again = vec![false; all.len()];
    // Who takes an output ended after who gave it, so that one pass is enough but for streams.
    loop {
        let mut changed = false;
        for at in (0..all.len()).rev() {
            if !again[at] && records.is_needed(&again, at) {
                (again[at], changed) = (true, true);
            }
        }
        if !changed {
            return again;
        }
    }
}

impl Records<'_> {
    /// Whether somebody still needs the output of a record that does not hold it.
    fn is_needed(&self, again: &[bool], at: usize) -> bool {
        let (core, record) = (self.core, &self.all[at]);
        if !matches!(record.output, SavedOutput::NotSaved) {
            return false;
        }
        let is_needed_by = |link: usize| match core.graph.links[link].to {
            Target::End => core.plans[record.step].output.id() == core.gives().id(),
            Target::Failure => false,
            // A value that comes into a loop from outside is taken in each of its rounds.
            Target::Step(_) if core.graph.kept[link] => true,
            Target::Step(to) => self.taker(at, to).is_none_or(|taker| again[taker]),
        };
        let leads_nowhere = record.ahead.is_empty() && record.back.is_none();
        leads_nowhere || record.ahead.iter().chain(&record.back).any(|link| is_needed_by(*link))
    }

    /// The record of the execution of step `to` that took the output of the record at `at`.
    fn taker(&self, at: usize, to: usize) -> Option<usize> {
        let (giver, of_taker) = (self.all[at].step, &self.of_step[to]);
        let nth = if self.core.plans[giver].stream.is_none() {
            // Who takes an output ends after who gave it.
            of_taker.partition_point(|other| *other <= at)
        } else {
            // Who takes a stream may end before who yields it; but they begin together.
            self.of_step[giver].partition_point(|other| *other < at)
        };
        of_taker.get(nth).copied()
    }
}

impl Document {
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

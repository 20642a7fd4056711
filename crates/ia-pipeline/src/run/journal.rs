//! Keeps the checkpoint of a run up to date.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use ia_tracing::Span;

use super::RunState;
use super::failure::Failure;
use super::pause::{Pause, PauseToken};
use super::step::Outcome;
use crate::StoreError;
use crate::checkpoint::{Answer, Document, ErasedStore, Question, StepRecord, Totals};
use crate::data::Shared;
use crate::error_type::CHECKPOINT;

/// The checkpoint of a run, and the steps that wait to be in it.
///
/// A step that has ended goes on to its successors only when it is saved. Steps that end while a save is under way are
/// saved together by the next one.
pub(crate) struct Journal {
    store: Arc<dyn ErasedStore>,
    document: Document,
    began: Instant,
    /// How long the run was active before it was resumed.
    active_before: u64,
    /// The places of records whose steps run again.
    replaced: VecDeque<(usize, u64)>,
    /// What has ended since the save that is under way began.
    waiting: Vec<(usize, Outcome)>,
    saving: Option<Saving>,
    /// Whether there is anything that no save holds.
    dirty: bool,
}

struct Saving {
    save: BoxFuture<'static, Result<(), StoreError>>,
    steps: Vec<(usize, Outcome)>,
}

impl Journal {
    /// The journal of a run that begins, or goes on with a document that is saved, at `began`; `None` where the pipeline
    /// saves nothing. What nobody has saved yet is saved before the first step has ended.
    pub(crate) fn of(
        run: &RunState,
        input: &Shared,
        document: Option<Document>,
        began: Instant,
    ) -> Result<Option<Self>, Failure> {
        let Some(checkpoints) = &run.core.checkpoints else { return Ok(None) };
        let dirty = document.is_none();
        let document = match document {
            Some(document) => document,
            None => Document {
                pipeline: run.core.name.to_string(),
                shape: run.core.graph.shape(&run.core.plans),
                revision: 0,
                trace: traceparent(run.span()),
                active_nanos: 0,
                spent: Totals::default(),
                sequence: 0,
                input: checkpoints
                    .input
                    .encode(input)
                    .map_err(|reason| Failure::input_unsaved(&reason))?
                    .into(),
                steps: Vec::new(),
                questions: Vec::new(),
                answers: Vec::new(),
            },
        };
        Ok(Some(Self {
            store: Arc::clone(&checkpoints.store),
            active_before: document.active_nanos,
            document,
            began,
            replaced: VecDeque::new(),
            waiting: Vec::new(),
            saving: None,
            dirty,
        }))
    }

    /// A step has ended. Its outcome comes back from [`saved`](Self::saved).
    pub(crate) fn push(&mut self, step: usize, outcome: Outcome, record: Option<StepRecord>) {
        if let Some(mut record) = record {
            // In the place of what it replaces, as those that took its output ended after it.
            record.sequence = self.replaced(step).unwrap_or_else(|| {
                let next = self.document.sequence;
                self.document.sequence += 1;
                next
            });
            self.document.answers.retain(|answer| answer.step != step);
            self.document.questions.retain(|question| question.step != step);
            let before = |other: &StepRecord| other.sequence < record.sequence;
            let at = self.document.steps.partition_point(before);
            self.document.steps.insert(at, record);
            self.dirty = true;
        }
        if let Outcome::Paused { number, question } = &outcome {
            // An answer that the step could not read is asked for anew, by the same token.
            let is_its = |answer: &Answer| (answer.step, answer.number) == (step, *number);
            let answered = self.document.answers.iter().find(|answer| is_its(answer));
            let nonce = answered.map_or_else(|| fastrand::u64(..), |answer| answer.nonce);
            self.document.answers.retain(|answer| !is_its(answer));
            let question = Question { step, number: *number, nonce, text: question.clone() };
            self.document.questions.push(question);
            self.dirty = true;
        }
        self.waiting.push((step, outcome));
    }

    /// A step that was recorded without its output runs again.
    pub(crate) fn forget(&mut self, sequence: u64) {
        let of_record = |record: &StepRecord| record.sequence == sequence;
        if let Some(at) = self.document.steps.iter().position(of_record) {
            let record = self.document.steps.remove(at);
            self.document.spent.add_money(record.totals);
            self.replaced.push_back((record.step, sequence));
            self.dirty = true;
        }
    }

    /// The place of the record that the next one of this step replaces, if it does.
    fn replaced(&mut self, step: usize) -> Option<u64> {
        let at = self.replaced.iter().position(|(of, _)| *of == step)?;
        self.replaced.remove(at).map(|(_, sequence)| sequence)
    }

    /// Whether there is something to save, or a save under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.saving.is_some() || !self.waiting.is_empty() || self.dirty
    }

    /// The steps that the next save has saved. Dropping the future loses nothing: call it again.
    pub(crate) async fn saved(&mut self, run: &RunState) -> Result<Vec<(usize, Outcome)>, Failure> {
        if self.saving.is_none() {
            let steps = std::mem::take(&mut self.waiting);
            if !self.dirty {
                return Ok(steps);
            }
            let save = self.save(run)?;
            self.saving = Some(Saving { save, steps });
        }
        let Some(saving) = &mut self.saving else { return Ok(Vec::new()) };
        let result = (&mut saving.save).await;
        let steps = self.saving.take().map(|saving| saving.steps).unwrap_or_default();
        if result.is_err() {
            // What could not be saved once is not tried again: it may be somebody else's run by now.
            self.waiting.clear();
            self.dirty = false;
        }
        result.map_err(Failure::unsaved)?;
        Ok(steps)
    }

    /// The run ends before its flow: saves what has ended meanwhile, and what was spent by steps that run again when the run
    /// is resumed.
    pub(crate) async fn close(&mut self, run: &RunState) {
        let recorded = self.document.steps.iter().map(|record| record.totals);
        let spent = run.totals.saved().money_without(recorded);
        if spent != self.document.spent {
            self.document.spent = spent;
            self.dirty = true;
        }
        // Its error would hide why the run ends; what is saved already can be resumed.
        while self.is_busy() && self.saved(run).await.is_ok() {}
    }

    fn save(
        &mut self,
        run: &RunState,
    ) -> Result<BoxFuture<'static, Result<(), StoreError>>, Failure> {
        let active = run.core.tracer.now().saturating_duration_since(self.began).as_nanos();
        let active = u64::try_from(active).unwrap_or(u64::MAX);
        self.document.active_nanos = self.active_before.saturating_add(active);
        self.document.revision = self.document.revision.saturating_add(1);
        let bytes = self
            .document
            .encode()
            .map_err(|error| Failure::new(CHECKPOINT, format!("cannot be saved: {error}")))?;
        self.dirty = false;
        let (store, id, revision) = (Arc::clone(&self.store), run.id, self.document.revision);
        Ok(Box::pin(async move { store.save(id, revision, bytes).await }))
    }

    /// Whether a step has asked something that is not answered yet: it is not run again before.
    pub(crate) fn waits_for_answer(&self, step: usize) -> bool {
        self.document.questions.iter().any(|question| question.step == step)
    }

    /// What the run waits for.
    pub(crate) fn pauses(&self, run: &RunState) -> Vec<Pause> {
        let questions = self.document.questions.iter();
        questions
            .map(|Question { step, nonce, text, .. }| Pause {
                step: run.core.plans[*step].name.to_string(),
                question: text.clone(),
                token: PauseToken::new(run.id, *nonce),
            })
            .collect()
    }
}

/// The W3C form of a recorded span's context.
fn traceparent(span: &Span) -> Option<String> {
    let context = span.context();
    span.is_recording().then(|| {
        format!("00-{}-{}-{:02x}", context.trace_id, context.span_id, context.flags.to_u8())
    })
}

//! What flows between the steps of a flow file: the run's input and what the steps so far gave.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::data::{Deliveries, Slots, sealed};

/// The state of a branch of a run. It is never changed: each step makes a new one, so branches cannot disturb each other.
///
/// It can be kept in a checkpoint, but for times: a loop that goes on after a resume is timed from there.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct FlowState {
    input: Arc<Value>,
    /// By the id of the step.
    results: BTreeMap<Arc<str>, StepResult>,
    /// What the step gave that made this state, with nothing left out.
    last: Option<(Arc<str>, Arc<Value>)>,
}

/// What a step gave.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StepResult {
    /// Orders results: greater than that of everything that the step was given.
    depth: u64,
    /// Where the step stands in the file: what tells apart results of one depth.
    number: usize,
    output: Given,
    /// When it first began, and when it ended last.
    #[serde(skip)]
    time: Option<(Instant, Instant)>,
}

/// What a step gave, if it gave anything. Not an `Option`: null, which a step may give, would be read back as nothing.
#[derive(Clone, Debug, Deserialize, Serialize)]
enum Given {
    Skipped,
    Value(Arc<Value>),
}

/// An execution of a step that ended.
pub(crate) struct Finished {
    pub(crate) step: Arc<str>,
    pub(crate) number: usize,
    pub(crate) output: Value,
    /// When it began and ended, where that is known.
    pub(crate) time: Option<(Instant, Instant)>,
}

impl FlowState {
    pub(crate) fn new(input: Arc<Value>) -> Self {
        Self { input, results: BTreeMap::new(), last: None }
    }

    pub(crate) fn input(&self) -> &Value {
        &self.input
    }

    /// What the step of this id gave.
    pub(crate) fn output(&self, step: &str) -> Option<&Value> {
        self.results.get(step)?.value()
    }

    /// What the step gave that made this state.
    pub(crate) fn last(&self) -> Option<&Value> {
        self.last.as_ref().map(|(_, output)| &**output)
    }

    /// When the step of this id first began, and when it ended last.
    pub(crate) fn time(&self, step: &str) -> Option<(Instant, Instant)> {
        self.results.get(step)?.time
    }

    /// The state after a step.
    pub(crate) fn after(mut self, finished: Finished) -> Self {
        let Finished { step, number, output, time } = finished;
        let known = self.time(&step);
        let time = time.map(|(began, ended)| (known.map_or(began, |(first, _)| first), ended));
        let kept = self.without_echo(&output);
        let output = Arc::new(output);
        let kept = kept.map_or_else(|| Arc::clone(&output), Arc::new);
        let depth = self.depth() + 1;
        let result = StepResult { depth, number, output: Given::Value(kept), time: time.or(known) };
        self.results.insert(Arc::clone(&step), result);
        self.last = Some((step, output));
        self
    }

    /// Notes that a step gives nothing this time.
    fn skip(&mut self, step: Arc<str>) {
        let depth = self.depth();
        let old = self.results.get(&step);
        let (number, time) = old.map_or((usize::MAX, None), |old| (old.number, old.time));
        self.results.insert(step, StepResult { depth, number, output: Given::Skipped, time });
    }

    fn depth(&self) -> u64 {
        self.results.values().map(|result| result.depth).max().unwrap_or(0)
    }

    /// A step that hands on all it was given hands on what others gave under their names too. Kept again under its own
    /// name, that would double with each such step.
    fn without_echo(&self, output: &Value) -> Option<Value> {
        let Value::Object(fields) = output else { return None };
        let is_echo = |key: &str, value: &Value| {
            let known = self.results.get(key);
            known.is_some_and(|known| *known.value().unwrap_or(&Value::Null) == *value)
        };
        if !fields.iter().any(|(key, value)| is_echo(key, value)) {
            return None;
        }
        let kept = fields.iter().filter(|(key, value)| !is_echo(key, value));
        Some(Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
    }

    /// All states in one; of what several have, the newest.
    pub(crate) fn merged<'a>(states: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut states = states.into_iter();
        let mut merged = states.next()?.clone();
        for state in states {
            for (step, result) in &state.results {
                let newer = merged.results.get(step).is_none_or(|old| old.depth < result.depth);
                if newer {
                    merged.results.insert(Arc::clone(step), result.clone());
                }
            }
            merged.last.clone_from(&state.last);
        }
        Some(merged)
    }

    /// The results from the oldest to the newest.
    fn in_order(&self) -> Vec<(&Arc<str>, &StepResult)> {
        let mut results: Vec<_> = self.results.iter().collect();
        results.sort_by_key(|(_, result)| (result.depth, result.number));
        results
    }

    /// What a step without `inputs` is given: the fields of the run's input and of what the steps so far gave, newer ones
    /// before older ones, and what each step gave under its id as well. The run's input as it is, where no step has ended
    /// yet.
    pub(crate) fn everything(&self) -> Value {
        if self.results.is_empty() {
            return (*self.input).clone();
        }
        let mut all = self.input.as_object().cloned().unwrap_or_default();
        for (step, result) in self.in_order() {
            let output = result.value();
            if let Some(Value::Object(fields)) = output {
                all.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            all.insert(step.to_string(), output.cloned().unwrap_or(Value::Null));
        }
        Value::Object(all)
    }

    /// One field of [`everything`](Self::everything).
    pub(crate) fn field(&self, key: &str) -> Option<&Value> {
        let newest_first = self.in_order().into_iter().rev();
        let given = newest_first.filter_map(|(step, result)| {
            if **step == *key {
                return Some(result.value().unwrap_or(&Value::Null));
            }
            result.value().and_then(Value::as_object).and_then(|fields| fields.get(key))
        });
        let own = |fields: &Map<String, Value>| fields.contains_key(key);
        let input = self.input.as_object().filter(|fields| own(fields));
        given.into_iter().next().or_else(|| input?.get(key))
    }
}

impl StepResult {
    /// What it gave; `None` where it was skipped.
    fn value(&self) -> Option<&Value> {
        match &self.output {
            Given::Skipped => None,
            Given::Value(value) => Some(value),
        }
    }
}

impl sealed::JoinInput for FlowState {
    fn slots() -> Slots {
        Slots::Merged
    }

    /// What came along all paths, in one state. Predecessors that were skipped are noted.
    fn gather(deliveries: Deliveries) -> Option<Self> {
        let mut states = Vec::with_capacity(deliveries.len());
        let mut skipped = Vec::new();
        for (step, delivery) in deliveries {
            if delivery.is_absent() {
                skipped.push(step);
            } else {
                states.push(delivery.take::<Arc<Self>>()?);
            }
        }
        if let ([_], true) = (&states[..], skipped.is_empty()) {
            return states.pop().map(Arc::unwrap_or_clone);
        }
        let mut merged = Self::merged(states.iter().map(|state| &**state))?;
        skipped.into_iter().for_each(|step| merged.skip(step));
        Some(merged)
    }
}

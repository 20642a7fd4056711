//! From a flow file and a registry to steps and a flow of the engine.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::document::{Document, Goal, PathSpec, StepSpec, Test, When};
use super::error::FlowFileErrorKind as Kind;
use super::node::{Node, NodeValue, with_index, with_key};
use super::place::Place;
use super::problems::Problems;
use super::question::Question;
use super::registered::JsonStep;
use super::registry::{BadConfig, Registered, StepRegistry};
use super::resolve::View;
use super::state::FlowState;
use super::step::{FileStep, stand_in};
use super::words::{or_which, quoted};
use crate::boundary::{Boundary, Leave};
use crate::builder::{StepPlan, Steps, Typed};
use crate::data::{Codec, OutputType, Shared};
use crate::flow::{Condition, EdgeKind};
use crate::run::Failure;
use crate::step::AnyStep;
use crate::{Empty, Flow, StepError, error_type};

/// What a builder is made of.
pub(crate) struct Assembled {
    pub(crate) steps: Steps<Typed<Value, Empty, Value>>,
    pub(crate) flow: Flow,
    pub(crate) boundary: Boundary,
}

/// Makes the steps and the flow; what the registry does not have is an error.
pub(crate) fn assemble(
    document: &Document,
    registry: &StepRegistry,
    problems: &mut Problems,
) -> Assembled {
    let plans = document.steps.iter().enumerate();
    let plans = plans.filter_map(|(number, step)| plan(document, number, step, registry, problems));
    let plans = plans.collect();
    Assembled {
        steps: Steps::of_plans(plans),
        flow: flow(document, registry, problems),
        boundary: boundary(document),
    }
}

fn plan(
    document: &Document,
    number: usize,
    spec: &StepSpec,
    registry: &StepRegistry,
    problems: &mut Problems,
) -> Option<StepPlan> {
    let step = json_step(spec, &spec.keys, &spec.place, registry, problems);
    let fallback =
        spec.handling.fallback.as_ref().map(|(key, place)| {
            json_step(spec, std::slice::from_ref(key), place, registry, problems)
        });
    let id: Arc<str> = spec.id.as_str().into();
    let inputs = spec.inputs.clone().map(Arc::new);
    let wrap = |step: JsonStep| FileStep {
        id: Arc::clone(&id),
        number,
        step,
        inputs: inputs.clone(),
        parameters: Arc::clone(&document.parameters),
    };
    warn_of_config(spec, registry, problems);
    let step = step?;
    let services = step.services.clone();
    let step = AnyStep::<FlowState, FlowState>::new(wrap(step), services);
    let mut plan = StepPlan::join(spec.id.clone(), step);
    if let Some(fallback) = fallback {
        let fallback = fallback?;
        plan.services.extend(fallback.services.iter().copied());
        plan.fallback = Some(Arc::new(wrap(fallback)));
    }
    plan.codec = Some(Codec::of::<FlowState>());
    plan.policy = spec.handling.policy.clone();
    plan.stand_in = plan.policy.continue_on_error.then(|| stand_in(&id, number));
    Some(plan)
}

fn json_step(
    spec: &StepSpec,
    keys: &[String],
    place: &Place,
    registry: &StepRegistry,
    problems: &mut Problems,
) -> Option<JsonStep> {
    let Some((name, registered)) = registry.find(keys) else {
        let wanted: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
        let likely = keys.first().map_or("", String::as_str);
        // The last part of a path is what is usually misspelt.
        let likely = likely.rsplit('.').next().unwrap_or(likely);
        let message = format!(
            "the registry has no step {}; add it by `StepRegistry::register`; {}",
            wanted.join(" or "),
            or_which(likely, registry.step_names())
        );
        problems.error(place.clone(), Kind::UnknownStepType, message);
        return None;
    };
    match registered {
        Registered::Step(step) => Some(step.clone()),
        Registered::Factory(make) => match make(spec.config.to_value()) {
            Ok(step) => Some(step),
            Err(BadConfig { path, message }) => {
                let message = format!("{} does not take this `config`: {message}", quoted(name));
                problems.error(config_place(spec, &path), Kind::BadConfig, message);
                None
            }
        },
    }
}

/// A `config` has no effect where neither the step nor its fallback has a factory.
fn warn_of_config(spec: &StepSpec, registry: &StepRegistry, problems: &mut Problems) {
    let fallback = spec.handling.fallback.as_ref().map(|(key, _)| std::slice::from_ref(key));
    let mut found = std::iter::once(&spec.keys[..]).chain(fallback).map(|keys| registry.find(keys));
    let is_unread = |found: Option<(&str, &Registered)>| match found {
        Some((_, registered)) => matches!(registered, Registered::Step(_)),
        // That it is not there is said already.
        None => false,
    };
    if spec.has_config && found.all(is_unread) {
        let message = "the step was registered without a factory, so its `config` has no effect; register it by \
                       `StepRegistry::register_with`";
        problems.warn(Place { path: spec.config_path.clone(), at: spec.config.at }, message);
    }
}

/// Where in the file the part of a configuration stands to which a path leads.
fn config_place(spec: &StepSpec, path: &serde_path_to_error::Path) -> Place {
    use serde_path_to_error::Segment;
    let mut place = Place { path: spec.config_path.clone(), at: spec.config.at };
    let mut node: &Node = &spec.config;
    for segment in path {
        match (segment, &node.value) {
            (Segment::Map { key }, NodeValue::Map(_)) => {
                let Some(entry) = node.entry(key) else { break };
                place = Place { path: with_key(&place.path, key), at: entry.value.at };
                node = &entry.value;
            }
            (Segment::Seq { index }, NodeValue::List(items)) => {
                let Some(item) = items.get(*index) else { break };
                place = Place { path: with_index(&place.path, *index), at: item.at };
                node = item;
            }
            _ => break,
        }
    }
    place
}

fn flow(document: &Document, registry: &StepRegistry, problems: &mut Problems) -> Flow {
    let id = |step: usize| document.steps.get(step).map_or("", |step| step.id.as_str());
    let mut flow = Flow::start(id(document.start));
    for path in &document.paths {
        let to = match path.to {
            Goal::End => Flow::END,
            Goal::Failure => Flow::FAILURE,
            Goal::Step(step) => id(step),
        };
        if let Some(kind) = edge(document, path, registry, problems) {
            flow = flow.push(id(path.from).to_owned(), to.to_owned(), kind);
        }
    }
    flow
}

fn edge(
    document: &Document,
    path: &PathSpec,
    registry: &StepRegistry,
    problems: &mut Problems,
) -> Option<EdgeKind> {
    let test = match &path.when {
        When::Always => return Some(EdgeKind::Always),
        When::Else => return Some(EdgeKind::Otherwise),
        When::If(test) => test,
    };
    let question = question(test, registry, problems)?;
    let parameters = Arc::clone(&document.parameters);
    let holds = move |state: &FlowState| question.holds(state, &parameters);
    match path.to.step().filter(|_| path.back) {
        None => Some(EdgeKind::When(Condition::fallible(test.text(), holds))),
        Some(to) => {
            let limits = document.limits;
            let (from, to) = (document.steps.get(path.from)?, document.steps.get(to)?);
            let in_time = in_time(&from.id, &to.id, limits.longest);
            let holds = move |state: &FlowState| {
                let again = holds(state)?;
                if again { in_time(state).map(|()| true) } else { Ok(false) }
            };
            let condition = Condition::fallible(test.text(), holds);
            Some(EdgeKind::Loop { condition, limit: limits.iterations, pause: limits.pause })
        }
    }
}

/// Refuses to go back once a loop has gone on for too long: from the first start of the step that it goes back to.
fn in_time(
    from: &str,
    to: &str,
    longest: Duration,
) -> impl Fn(&FlowState) -> Result<(), StepError> + use<> {
    let (from, to) = (from.to_owned(), to.to_owned());
    move |state| {
        let first = state.time(&to).map(|(began, _)| began);
        let now = state.time(&from).map(|(_, ended)| ended);
        let taken = first.zip(now).map(|(first, now)| now.saturating_duration_since(first));
        match taken.filter(|taken| *taken > longest) {
            None => Ok(()),
            Some(taken) => {
                let message = format!(
                    "the loop back to {} has gone on for {taken:?}, and may for {longest:?}; raise \
                     `max_loop_time_seconds` or change its condition",
                    quoted(&to)
                );
                Err(StepError::named(error_type::LOOP_LIMIT, message))
            }
        }
    }
}

fn question(test: &Test, registry: &StepRegistry, problems: &mut Problems) -> Option<Question> {
    let mut all = |tests: &[Test]| -> Option<Vec<Question>> {
        let questions: Vec<_> =
            tests.iter().map(|test| question(test, registry, problems)).collect();
        questions.into_iter().collect()
    };
    match test {
        Test::Any(tests) => all(tests).map(Question::Any),
        Test::None(tests) => all(tests).map(Question::None),
        Test::Compare(comparison) => Some(Question::Compare(comparison.clone())),
        Test::Named { names, place } => {
            let condition = registry.find_condition(names);
            if condition.is_none() {
                let wanted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                let likely = names.last().map_or("", String::as_str);
                let message = format!(
                    "the registry has no condition {}; add it by `StepRegistry::condition`; {}",
                    wanted.join(" or "),
                    or_which(likely, registry.condition_names())
                );
                problems.error(place.clone(), Kind::UnknownCondition, message);
            }
            condition.cloned().map(Question::Named)
        }
    }
}

fn boundary(document: &Document) -> Boundary {
    let outputs = document.outputs.clone();
    let parameters = Arc::clone(&document.parameters);
    let leave: Leave = Arc::new(move |ends: Vec<Shared>| {
        let states: Vec<Arc<FlowState>> =
            ends.into_iter().filter_map(|end| end.downcast().ok()).collect();
        let state = FlowState::merged(states.iter().map(|state| &**state));
        let state = state.ok_or_else(|| Failure::new(error_type::NO_OUTPUT, "no step ended"))?;
        let output = match &outputs {
            Some(outputs) => View { state: &state, parameters: &parameters }.resolve(outputs),
            None => Ok(state.last().cloned().unwrap_or(Value::Null)),
        };
        let output = output.map_err(|error| {
            let mut failure = Failure::of(error, &[], None);
            failure.message = format!("cannot make its `outputs`: {}", failure.message);
            failure
        })?;
        Ok(Arc::new(output) as Shared)
    });
    Boundary { inner: OutputType::of::<FlowState>().called("JSON value"), enter, leave }
}

/// The state of a run that begins.
fn enter(input: Shared) -> Shared {
    match input.downcast::<Value>() {
        Ok(input) => Arc::new(FlowState::new(input)),
        Err(other) => other,
    }
}

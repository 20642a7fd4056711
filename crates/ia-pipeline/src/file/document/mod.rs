//! What a flow file says, checked as far as that can be done without the steps themselves.

mod condition;
mod cycles;
mod handling;
mod mapping;
mod parameters;
mod paths;
mod steps;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

pub(crate) use self::condition::{Comparison, Test, When};
use self::mapping::{Asker, Mappings};
pub(crate) use self::mapping::{MappedField, Mapping, TextPiece};
pub(crate) use self::parameters::{Given, Parameters};
pub(crate) use self::paths::{Goal, LoopLimits, PathSpec};
pub(crate) use self::steps::StepSpec;
use super::fields::Fields;
use super::node::{Cursor, Node};
use super::place::Place;
use super::problems::Problems;
use super::template::Templates;

/// A flow file, read.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) place: Place,
    pub(crate) steps: Vec<StepSpec>,
    pub(crate) start: usize,
    pub(crate) paths: Vec<PathSpec>,
    pub(crate) limits: LoopLimits,
    pub(crate) outputs: Option<Mapping>,
    pub(crate) parameters: Arc<Map<String, Value>>,
}

/// The ids of the steps, and which leads to which.
pub(crate) struct StepIds {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
    /// By step: the steps that paths lead to it from.
    before: Vec<Vec<usize>>,
}

/// What the parts of a file are read with.
pub(crate) struct Context<'a> {
    pub(crate) steps: &'a StepIds,
    pub(crate) parameters: &'a Parameters,
}

const FIELDS: [&str; 16] = [
    "name",
    "description",
    "version",
    "parameters",
    "steps",
    "flow",
    "loop_config",
    "outputs",
    "metadata",
    "input_schema",
    "output_schema",
    "id",
    "author",
    "tags",
    "$schema",
    "$comment",
];

impl Document {
    /// Reads the tree of a file; `None` where what is wrong leaves nothing to go on with.
    pub(crate) fn read(node: &Node, given: Given<'_>, problems: &mut Problems) -> Option<Self> {
        let root = Fields::of(Cursor::root(node), "a flow file", problems)?;
        root.unknown(&FIELDS, problems);
        let name = root.required_text(&["name"], problems);
        let description = root.text(&["description"], problems).map(|(text, _)| text);
        let parameters = Parameters::read(root.get(&["parameters"]), given, problems);
        let before = problems.errors.len();
        let ids = steps::ids(root.get(&["steps"]), &root, problems);
        let mut step_ids = StepIds::new(ids.iter().map(|(id, _)| id.clone()).collect());
        let flow = root.get(&["flow"]);
        if flow.is_none() {
            root.missing("flow", problems);
        }
        let flow = flow.and_then(|flow| Fields::of(flow, "`flow`", problems));
        let start = flow
            .as_ref()
            .filter(|_| !ids.is_empty())
            .and_then(|flow| paths::start(flow, &step_ids, problems));
        let raw = flow.as_ref().map(|flow| paths::raw(flow, &step_ids, problems));
        let raw = raw.unwrap_or_default();
        // With a step or a path missing, more would only repeat that.
        let is_whole = problems.errors.len() == before;
        step_ids.connect(raw.iter().filter_map(|path| Some((path.from, path.to.step()?))));
        let context = Context { steps: &step_ids, parameters: &parameters };
        let steps = ids
            .iter()
            .enumerate()
            .filter_map(|(number, (id, item))| steps::read((number, id, item), &context, problems));
        let steps: Vec<StepSpec> = steps.collect();
        let mut paths = paths::read(raw, &context, problems);
        let limits = paths::limits(root.get(&["loop_config"]), problems);
        let outputs = root.get(&["outputs"]).and_then(|outputs| {
            let asker = Asker::End;
            Mappings { steps: &step_ids, parameters: &parameters.names, asker }
                .read(&outputs, problems)
        });
        let start = start?;
        if is_whole {
            cycles::mark(&mut paths, start, &step_ids, problems);
            let places: Vec<_> = ids.iter().map(|(id, item)| (id.clone(), item.place())).collect();
            cycles::reach(&paths, start, &places, problems);
        }
        Some(Self {
            name: name?.0,
            description,
            place: root.place(),
            steps,
            start,
            paths,
            limits,
            outputs,
            parameters: Arc::new(parameters.values),
        })
    }
}

impl StepIds {
    fn new(names: Vec<String>) -> Self {
        let numbers = names.iter().cloned().enumerate().map(|(number, name)| (name, number));
        let before = vec![Vec::new(); names.len()];
        Self { numbers: numbers.collect(), names, before }
    }

    fn connect(&mut self, paths: impl Iterator<Item = (usize, usize)>) {
        paths.for_each(|(from, to)| self.before[to].push(from));
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Whether paths lead from one step to another, or from a step back to itself.
    pub(crate) fn leads(&self, from: usize, to: usize) -> bool {
        let mut seen = vec![false; self.names.len()];
        let mut open = self.before[to].clone();
        while let Some(step) = open.pop() {
            if step == from {
                return true;
            }
            if !std::mem::replace(&mut seen[step], true) {
                open.extend(&self.before[step]);
            }
        }
        false
    }
}

impl Context<'_> {
    pub(crate) fn templates(&self) -> Templates<'_> {
        Templates { names: &self.parameters.names, values: &self.parameters.values }
    }
}

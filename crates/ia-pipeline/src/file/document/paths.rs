//! The flow of a flow file: where it starts, and which path leads where.

use std::collections::HashMap;
use std::time::Duration;

use super::condition::{self, Test, When};
use super::{Context, StepIds};
use crate::Flow;
use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::fields::{Fields, wrong_type};
use crate::file::node::{Cursor, NodeValue};
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::file::words::{or_which, quoted};

/// A path, its names resolved and its condition not yet read.
pub(crate) struct RawPath<'a> {
    pub(crate) from: usize,
    pub(crate) to: Goal,
    pub(crate) place: Place,
    pub(crate) condition: Option<Cursor<'a>>,
}

/// A path.
#[derive(Debug)]
pub(crate) struct PathSpec {
    pub(crate) from: usize,
    pub(crate) to: Goal,
    pub(crate) place: Place,
    pub(crate) when: When,
    /// Whether it leads back, and so closes a loop.
    pub(crate) back: bool,
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Goal {
    End,
    Failure,
    Step(usize),
}

/// How often and how long loops go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopLimits {
    pub(crate) iterations: u32,
    pub(crate) longest: Duration,
    pub(crate) pause: Duration,
}

impl Default for LoopLimits {
    fn default() -> Self {
        Self { iterations: 100, longest: Duration::from_hours(1), pause: Duration::ZERO }
    }
}

impl Goal {
    pub(crate) fn step(self) -> Option<usize> {
        match self {
            Self::Step(step) => Some(step),
            Self::End | Self::Failure => None,
        }
    }
}

/// Reads `loop_config`.
pub(crate) fn limits(cursor: Option<Cursor<'_>>, problems: &mut Problems) -> LoopLimits {
    let defaults = LoopLimits::default();
    let Some(cursor) = cursor else { return defaults };
    let Some(fields) = Fields::of(cursor, "`loop_config`", problems) else { return defaults };
    let known =
        ["max_iterations", "max_loop_time_seconds", "iteration_delay_seconds", "description"];
    fields.unknown(&known, problems);
    LoopLimits {
        iterations: fields.count(known[0], 1, problems).unwrap_or(defaults.iterations),
        longest: fields.seconds(known[1], problems).unwrap_or(defaults.longest),
        pause: fields.seconds(known[2], problems).unwrap_or(defaults.pause),
    }
}

/// The step at which the flow starts.
pub(crate) fn start(flow: &Fields<'_>, steps: &StepIds, problems: &mut Problems) -> Option<usize> {
    let (name, place) = flow.required_text(&["start_at"], problems)?;
    let number = steps.number(&name);
    if number.is_none() {
        unknown_step(&name, place, steps.names().iter().map(String::as_str), problems);
    }
    number
}

/// The paths with their names resolved; those that cannot be are errors and left out.
pub(crate) fn raw<'a>(
    flow: &Fields<'a>,
    steps: &StepIds,
    problems: &mut Problems,
) -> Vec<RawPath<'a>> {
    flow.unknown(&["start_at", "paths", "description", "name", "metadata"], problems);
    let Some(paths) = flow.get(&["paths"]) else { return Vec::new() };
    if !matches!(paths.node.value, NodeValue::List(_)) {
        wrong_type::<()>(&paths, "a list of paths", problems);
        return Vec::new();
    }
    paths.items().into_iter().filter_map(|path| raw_path(&path, steps, problems)).collect()
}

fn raw_path<'a>(
    path: &Cursor<'a>,
    steps: &StepIds,
    problems: &mut Problems,
) -> Option<RawPath<'a>> {
    let fields = Fields::of(path.clone(), "a path", problems)?;
    let known = [
        "from",
        "to",
        "from_step",
        "to_step",
        "condition",
        "id",
        "name",
        "label",
        "description",
        "metadata",
    ];
    fields.unknown(&known, problems);
    let from = end(&fields, ["from", "from_step"], problems);
    let to = end(&fields, ["to", "to_step"], problems);
    let ids = || steps.names().iter().map(String::as_str);
    let from = from.and_then(|(name, place)| {
        let number = steps.number(&name);
        if number.is_none() {
            unknown_step(&name, place, ids(), problems);
        }
        number
    });
    let to = to.and_then(|(name, place)| match name.as_str() {
        Flow::END | "end_with_success" => Some(Goal::End),
        Flow::FAILURE => Some(Goal::Failure),
        _ => {
            let number = steps.number(&name);
            if number.is_none() {
                unknown_step(&name, place, ids().chain(Flow::RESERVED), problems);
            }
            number.map(Goal::Step)
        }
    });
    let condition = fields.get(&["condition"]);
    Some(RawPath { from: from?, to: to?, place: path.place(), condition })
}

/// One end of a path, in either dialect.
fn end(fields: &Fields<'_>, names: [&str; 2], problems: &mut Problems) -> Option<(String, Place)> {
    let found = fields.required_text(&names, problems)?;
    if let (Some(_), Some((other, place))) =
        (fields.get(&names[..1]), fields.text(&names[1..], problems))
        && other != found.0
    {
        let message = format!(
            "{} is {}, but {} is {}; keep one of them",
            quoted(names[0]),
            quoted(&found.0),
            quoted(names[1]),
            quoted(&other)
        );
        problems.error(place, Kind::BadValue, message);
        return None;
    }
    Some(found)
}

fn unknown_step<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
    problems: &mut Problems,
) {
    let message = format!("there is no step {}; {}", quoted(name), or_which(name, known));
    problems.error(place, Kind::UnknownStep, message);
}

/// Reads the conditions. Several paths with conditions from one step to another become one: any of them opens it.
pub(crate) fn read(
    raw: Vec<RawPath<'_>>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<PathSpec> {
    let mut paths: Vec<PathSpec> = Vec::with_capacity(raw.len());
    let mut known: HashMap<(usize, Goal), usize> = HashMap::new();
    for RawPath { from, to, place, condition } in raw {
        let when = condition::read(condition.as_ref(), from, context, problems);
        // A path whose condition cannot be read is still a path: what follows is not unreachable for it.
        let when = when.unwrap_or(When::If(Test::Any(Vec::new())));
        match known.get(&(from, to)).and_then(|at| paths.get_mut(*at)) {
            None => {
                known.insert((from, to), paths.len());
                paths.push(PathSpec { from, to, place, when, back: false });
            }
            Some(first) => match (&mut first.when, when) {
                (When::If(Test::Any(tests)), When::If(test)) => tests.push(test),
                (When::If(one), When::If(other)) => {
                    let one = std::mem::replace(one, Test::Any(Vec::new()));
                    first.when = When::If(Test::Any(vec![one, other]));
                }
                _ => {
                    let message = format!(
                        "this path is there already, on line {}; remove one, or give both a condition",
                        first.place.at.line
                    );
                    problems.error(place, Kind::Duplicate, message);
                }
            },
        }
    }
    paths
}

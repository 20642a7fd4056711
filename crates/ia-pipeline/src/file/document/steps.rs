//! The steps of a flow file.

use super::handling::{Handling, handling};
use super::mapping::{Asker, Mapping, Mappings};
use super::{Context, StepIds};
use crate::Flow;
use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::fields::{Fields, wrong_type};
use crate::file::node::{Cursor, Entry, Node, NodeValue};
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::file::words::{or_which, quoted};

/// A step as the file describes it.
#[derive(Debug)]
pub(crate) struct StepSpec {
    pub(crate) id: String,
    pub(crate) place: Place,
    /// Where the registry is asked for it, the most exact first.
    pub(crate) keys: Vec<String>,
    /// What a factory is given: templates are resolved, and what the engine reads itself is left out.
    pub(crate) config: Node,
    pub(crate) config_path: String,
    pub(crate) has_config: bool,
    pub(crate) inputs: Option<Mapping>,
    pub(crate) handling: Handling,
}

const FIELDS: [&str; 13] = [
    "id",
    "name",
    "description",
    "type",
    "step_class",
    "class",
    "module",
    "config",
    "inputs",
    "outputs",
    "error_handling",
    "metadata",
    "tags",
];

/// The ids of the steps, each with where the step stands. Those without an id, or with one that is taken, are left out.
pub(crate) fn ids<'a>(
    steps: Option<Cursor<'a>>,
    root: &Fields<'_>,
    problems: &mut Problems,
) -> Vec<(String, Cursor<'a>)> {
    let Some(steps) = steps else {
        root.missing("steps", problems);
        return Vec::new();
    };
    if !matches!(steps.node.value, NodeValue::List(_)) {
        wrong_type::<()>(&steps, "a list of steps", problems);
        return Vec::new();
    }
    let items = steps.items();
    if items.is_empty() {
        problems.error(steps.place(), Kind::Missing, "there are no steps; add one");
    }
    let mut ids: Vec<(String, Cursor<'a>)> = Vec::with_capacity(items.len());
    let mut seen = std::collections::HashMap::new();
    for item in items {
        let Some(fields) = Fields::of(item.clone(), "a step", problems) else { continue };
        let Some((id, place)) = fields.required_text(&["id"], problems) else { continue };
        if Flow::RESERVED.contains(&id.as_str()) {
            let message = format!("{} means an end of the flow; choose another id", quoted(&id));
            problems.error(place, Kind::BadValue, message);
        } else if let Some(line) = seen.insert(id.clone(), place.at.line) {
            let message = format!(
                "two steps have the id {}, the first on line {line}; rename one",
                quoted(&id)
            );
            problems.error(place, Kind::Duplicate, message);
        } else {
            ids.push((id, item));
        }
    }
    ids
}

/// Reads the step of this number.
pub(crate) fn read(
    (number, id, item): (usize, &str, &Cursor<'_>),
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<StepSpec> {
    let fields = Fields::of(item.clone(), "a step", problems)?;
    fields.unknown(&FIELDS, problems);
    if let Some((kind, place)) = fields.text(&["type"], problems)
        && !matches!(kind.as_str(), "task" | "step")
    {
        let which = or_which(&kind, ["task", "step"]);
        let message = format!(
            "there is no type {} of steps; {which}. What a step does is said in `step_class`",
            quoted(&kind)
        );
        problems.error(place, Kind::UnknownStepType, message);
    }
    let config = fields.get(&["config"]);
    let config_path = config.as_ref().map_or_else(
        || crate::file::node::with_key(&item.path, "config"),
        |config| config.path.clone(),
    );
    let resolved = match &config {
        Some(config) => context.templates().resolve(config, problems),
        None => Node { at: item.node.at, value: NodeValue::Map(Vec::new()) },
    };
    if let (Some(config), false) = (&config, matches!(resolved.value, NodeValue::Map(_))) {
        wrong_type::<()>(config, "a map", problems);
    }
    let (engine, config) = without_handling(resolved);
    let engine = engine.as_ref().map(|node| Cursor {
        node,
        path: crate::file::node::with_key(&config_path, "error_handling"),
    });
    let beside = fields.get(&["error_handling"]);
    let beside_node = beside.as_ref().map(|cursor| context.templates().resolve(cursor, problems));
    let beside = beside.as_ref().zip(beside_node.as_ref());
    let beside = beside.map(|(cursor, node)| Cursor { node, path: cursor.path.clone() });
    let inputs = fields.get(&["inputs"]).and_then(|inputs| {
        let asker = Asker::Before(number);
        let steps: &StepIds = context.steps;
        Mappings { steps, parameters: &context.parameters.names, asker }.read(&inputs, problems)
    });
    Some(StepSpec {
        id: id.to_owned(),
        place: item.place(),
        keys: keys(id, &fields, problems),
        has_config: matches!(&config.value, NodeValue::Map(entries) if !entries.is_empty()),
        config,
        config_path,
        inputs,
        handling: handling(engine.or(beside), problems),
    })
}

/// `module.step_class`, then `step_class`, then the id.
fn keys(id: &str, fields: &Fields<'_>, problems: &mut Problems) -> Vec<String> {
    let module = fields.text(&["module"], problems).map(|(module, _)| module);
    let class = fields.text(&["step_class", "class"], problems).map(|(class, _)| class);
    let qualified = module.zip(class.as_ref()).map(|(module, class)| format!("{module}.{class}"));
    qualified.into_iter().chain(class).chain([id.to_owned()]).collect()
}

/// Takes `error_handling` out of a configuration.
fn without_handling(config: Node) -> (Option<Node>, Node) {
    let NodeValue::Map(entries) = config.value else { return (None, config) };
    let (taken, kept): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.key == "error_handling");
    let taken = taken.into_iter().next().map(|entry| entry.value);
    let taken = taken.filter(|node| !matches!(node.value, NodeValue::Null));
    (taken, Node { at: config.at, value: NodeValue::Map(kept) })
}

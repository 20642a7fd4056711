//! The conditions of paths.

use serde_json::Value;

use super::mapping::{Asker, Mappings};
use super::{Context, StepIds};
use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::fields::Fields;
use crate::file::node::{Cursor, NodeValue};
use crate::file::operator::Operator;
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::file::reference::{Reference, Setting};
use crate::file::words::{near, or_which, quoted};

/// When a path is taken.
#[derive(Clone, Debug)]
pub(crate) enum When {
    Always,
    /// Where no condition of its step holds.
    Else,
    If(Test),
}

/// A question to what the steps so far gave.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// Whether one of them holds.
    Any(Vec<Self>),
    Compare(Comparison),
    /// A condition of the registry, under the first of these names that it has.
    Named {
        names: Vec<String>,
        place: Place,
    },
    /// Whether none of them holds.
    None(Vec<Self>),
}

/// A value compared with another.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) source: Reference,
    pub(crate) operator: Operator,
    pub(crate) value: Value,
    /// What the value is taken for where it is missing.
    pub(crate) default: Option<Value>,
}

/// The types of conditions.
const TYPES: [&str; 9] = [
    "always",
    "expression",
    "threshold_condition",
    "field_equals",
    "field_exists",
    "field_greater_than",
    "field_less_than",
    "function",
    "agent",
];

/// The names under which the source of a value is found.
const SOURCES: [&str; 5] = ["source", "field", "field_path", "path", "metric"];

impl Test {
    /// The question in words, for drawings and messages.
    pub(crate) fn text(&self) -> String {
        let joined = |tests: &[Self], between: &str| {
            tests.iter().map(Self::text).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Any(tests) => joined(tests, " or "),
            Self::Compare(Comparison { source, operator, value, .. }) => {
                let (source, operator) = (&source.text, operator.name().replace('_', " "));
                if value.is_null() && operator.ends_with("exists") {
                    return format!("{source} {operator}");
                }
                format!("{source} {operator} {value}")
            }
            Self::Named { names, .. } => names.last().cloned().unwrap_or_default(),
            Self::None(tests) => format!("not ({})", joined(tests, " or ")),
        }
    }
}

/// Reads the condition of a path away from the step of this number.
pub(crate) fn read(
    condition: Option<&Cursor<'_>>,
    from: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<When> {
    let Some(condition) = condition else { return Some(When::Always) };
    let resolved = context.templates().resolve(condition, problems);
    let condition = Cursor { node: &resolved, path: condition.path.clone() };
    if let NodeValue::Text(kind) = &condition.node.value {
        return match kind.as_str() {
            "always" => Some(When::Always),
            "else" => Some(When::Else),
            _ => unknown_type(kind, condition.place(), problems),
        };
    }
    let fields = Fields::of(condition.clone(), "a condition", problems)?;
    let (kind, place) = fields.required_text(&["type"], problems)?;
    let fields = match fields.get(&["config"]) {
        Some(config) => fields.and_before(Fields::of(config, "`config`", problems)?),
        None => fields,
    };
    let reader = Reader { fields, from, context };
    match kind.as_str() {
        "always" => Some(reader.plain(When::Always, problems)),
        "else" => Some(reader.plain(When::Else, problems)),
        "expression" => reader.compare(Some(Operator::Equals), None, problems),
        "threshold_condition" => reader.compare(Some(Operator::GreaterOrEqual), None, problems),
        "field_equals" => reader.compare(None, Some(Operator::Equals), problems),
        "field_exists" => reader.compare(None, Some(Operator::Exists), problems),
        "field_greater_than" => reader.compare(None, Some(Operator::GreaterThan), problems),
        "field_less_than" => reader.compare(None, Some(Operator::LessThan), problems),
        "function" => reader.named(&["function", "function_name", "name"], problems),
        "agent" => reader.named(&["agent", "agent_name", "name"], problems),
        _ => unknown_type(&kind, place, problems),
    }
}

fn unknown_type<T>(kind: &str, place: Place, problems: &mut Problems) -> Option<T> {
    let which = or_which(kind, TYPES.into_iter().chain(["else"]));
    let message = format!("there is no type {} of conditions; {which}", quoted(kind));
    problems.error(place, Kind::UnknownCondition, message);
    None
}

struct Reader<'a, 'c> {
    fields: Fields<'a>,
    from: usize,
    context: &'c Context<'c>,
}

impl Reader<'_, '_> {
    fn plain(&self, when: When, problems: &mut Problems) -> When {
        self.fields.unknown(&["type", "config", "description", "name"], problems);
        when
    }

    fn compare(
        &self,
        default_operator: Option<Operator>,
        fixed: Option<Operator>,
        problems: &mut Problems,
    ) -> Option<When> {
        let known = ["type", "config", "description", "name", "value", "default"];
        let more: &[&str] = if fixed.is_some() { &[] } else { &["operator", "threshold"] };
        let known: Vec<&str> =
            known.into_iter().chain(SOURCES).chain(more.iter().copied()).collect();
        self.fields.unknown(&known, problems);
        let source = self.source(problems);
        let operator = match fixed {
            Some(operator) => Some(operator),
            None => self.operator(default_operator, problems),
        };
        let value = self.fields.raw("value").or_else(|| self.fields.raw("threshold"));
        let value = value.map(|value| value.node.to_value());
        let (source, operator) = (source?, operator?);
        if value.is_none() && !operator.asks_presence() {
            self.fields.missing("value", problems);
            return None;
        }
        let value = value.unwrap_or(Value::Null);
        let default = self.fields.raw("default").map(|default| default.node.to_value());
        Some(When::If(Test::Compare(Comparison { source, operator, value, default })))
    }

    fn source(&self, problems: &mut Problems) -> Option<Reference> {
        let Some((text, place)) = self.fields.text(&SOURCES, problems) else {
            if self.fields.get(&SOURCES).is_none() {
                self.fields.missing(SOURCES[0], problems);
            }
            return None;
        };
        let steps: &StepIds = self.context.steps;
        let inside = text.trim();
        let inside =
            inside.strip_prefix('{').and_then(|inside| inside.strip_suffix('}')).unwrap_or(inside);
        match Reference::read(inside, Setting::Condition, steps.names()) {
            Ok(reference) => {
                let asker = Asker::After(self.from);
                let names = &self.context.parameters.names;
                let mappings = Mappings { steps, parameters: names, asker };
                mappings.check(&reference, &place, problems);
                Some(reference)
            }
            Err(message) => {
                let message = format!("the source {} cannot be read: {message}", quoted(&text));
                problems.error(place, Kind::BadSource, message);
                None
            }
        }
    }

    fn operator(&self, default: Option<Operator>, problems: &mut Problems) -> Option<Operator> {
        if self.fields.get(&["operator"]).is_none() {
            return default;
        }
        let (name, place) = self.fields.text(&["operator"], problems)?;
        let operator = Operator::of(&name);
        if operator.is_none() {
            let which = match near(&name, Operator::spellings()) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => or_which(&name, Operator::names()),
            };
            let message = format!("there is no operator {}; {which}", quoted(&name));
            problems.error(place, Kind::UnknownOperator, message);
        }
        operator
    }

    /// A condition of the registry: `module.name`, or `name`.
    fn named(&self, names: &[&str], problems: &mut Problems) -> Option<When> {
        let Some((name, place)) = self.fields.text(names, problems) else {
            if self.fields.get(names).is_none() {
                let message = format!(
                    "the condition does not say which; name one in {}, and register it by `StepRegistry::condition`",
                    quoted(names[0])
                );
                problems.error(self.fields.place(), Kind::Missing, message);
            }
            return None;
        };
        let module = self.fields.text(&["module", "module_path"], problems);
        let qualified = module.map(|(module, _)| format!("{module}.{name}"));
        let names = qualified.into_iter().chain([name]).collect();
        Some(When::If(Test::Named { names, place }))
    }
}

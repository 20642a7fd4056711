//! The parameters of a flow file: a list or a map, with types and defaults.

use serde_json::{Map, Value};

use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::fields::{Fields, wrong_type};
use crate::file::node::{Cursor, NodeValue};
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::file::words::{or_which, quoted};

/// A parameter as it is declared.
struct Parameter {
    name: String,
    place: Place,
    kind: Option<ParameterType>,
    allowed: Option<Vec<Value>>,
    required: bool,
    default: Option<Value>,
}

/// The parameters of a file and their values.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    pub(crate) names: Vec<String>,
    pub(crate) values: Map<String, Value>,
}

/// Where the values come from.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    /// The file is only read; values may still be given.
    NotYet,
    /// These, and the defaults.
    Values(&'a [(String, Value)]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ParameterType {
    Any,
    Boolean,
    Integer,
    List,
    Map,
    Number,
    Text,
}

/// The fields of a declaration; a map that has none of the first three is a default.
const FIELDS: [&str; 8] =
    ["type", "schema", "default", "required", "description", "name", "enum", "title"];

impl Parameters {
    pub(crate) fn read(
        declared: Option<Cursor<'_>>,
        given: Given<'_>,
        problems: &mut Problems,
    ) -> Self {
        let declared = declared.map(|declared| declarations(&declared, problems));
        let declared = declared.unwrap_or_default();
        let mut parameters = Self {
            names: declared.iter().map(|one| one.name.clone()).collect(),
            values: Map::new(),
        };
        if let Given::Values(given) = given {
            parameters.check_given(given, problems);
        }
        for parameter in declared {
            let value = match given {
                Given::NotYet => None,
                // What was said last holds.
                Given::Values(given) => {
                    given.iter().rev().find(|(name, _)| *name == parameter.name)
                }
            };
            if let Some(value) = parameter.value(value, given, problems) {
                parameters.values.insert(parameter.name, value);
            }
        }
        parameters
    }

    fn check_given(&self, given: &[(String, Value)], problems: &mut Problems) {
        for (name, _) in given.iter().filter(|(name, _)| !self.names.contains(name)) {
            let which = or_which(name, self.names.iter().map(String::as_str));
            let message =
                format!("a value was given for {}, which is no parameter; {which}", quoted(name));
            problems.error_nowhere(Kind::UnknownParameter, message);
        }
    }
}

impl Parameter {
    fn value(
        &self,
        given: Option<&(String, Value)>,
        all: Given<'_>,
        problems: &mut Problems,
    ) -> Option<Value> {
        let value = match (given, &self.default) {
            (Some((_, value)), _) => value.clone(),
            (None, Some(default)) => default.clone(),
            (None, None) if !self.required => return Some(Value::Null),
            (None, None) => {
                if let Given::Values(_) = all {
                    let name = &self.name;
                    let message = format!(
                        "the parameter {} has no value and no default; give one by \
                         `FlowFile::read(…)?.parameter({name:?}, …)`",
                        quoted(name)
                    );
                    problems.error(self.place.clone(), Kind::Missing, message);
                }
                return None;
            }
        };
        self.check(&value, problems);
        Some(value)
    }

    fn check(&self, value: &Value, problems: &mut Problems) {
        let name = quoted(&self.name);
        if let Some(kind) = self.kind.filter(|kind| !kind.fits(value)) {
            let message = format!(
                "the parameter {name} has to be {}, but its value is `{value}`",
                kind.words()
            );
            problems.error(self.place.clone(), Kind::WrongType, message);
        } else if let Some(allowed) = self.allowed.as_ref().filter(|all| !all.contains(value)) {
            let allowed = Value::Array(allowed.clone());
            let message = format!(
                "the parameter {name} has to be one of {allowed}, but its value is `{value}`"
            );
            problems.error(self.place.clone(), Kind::BadValue, message);
        }
    }
}

impl ParameterType {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "any" => Self::Any,
            "bool" | "boolean" => Self::Boolean,
            "int" | "integer" => Self::Integer,
            "list" | "array" => Self::List,
            "map" | "dict" | "object" => Self::Map,
            "number" | "float" => Self::Number,
            "text" | "string" | "str" => Self::Text,
            _ => return None,
        })
    }

    fn words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Number => "a number",
            Self::Text => "a text",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Boolean => value.is_boolean(),
            Self::Integer => {
                value.is_i64()
                    || value.is_u64()
                    || value.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
            Self::Number => value.is_number(),
            Self::Text => value.is_string(),
        }
    }
}

fn declarations(declared: &Cursor<'_>, problems: &mut Problems) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    match &declared.node.value {
        NodeValue::Null => {}
        NodeValue::List(_) => {
            for item in declared.items() {
                let Some(parameter) = listed(item, problems) else { continue };
                if parameters.iter().any(|known| known.name == parameter.name) {
                    let message = format!(
                        "the parameter {} is declared twice; remove one",
                        quoted(&parameter.name)
                    );
                    problems.error(parameter.place, Kind::Duplicate, message);
                } else {
                    parameters.push(parameter);
                }
            }
        }
        NodeValue::Map(_) => {
            for (entry, cursor) in declared.fields() {
                parameters.extend(mapped(&entry.key, cursor, problems));
            }
        }
        _ => {
            wrong_type::<()>(declared, "a list or a map of parameters", problems);
        }
    }
    parameters
}

/// `{name: limit, schema: {type: integer}, required: false, default: 3}`, or only a name.
fn listed(item: Cursor<'_>, problems: &mut Problems) -> Option<Parameter> {
    if let NodeValue::Text(name) = &item.node.value {
        return Some(Parameter {
            name: name.clone(),
            place: item.place(),
            kind: None,
            allowed: None,
            required: true,
            default: None,
        });
    }
    let fields = Fields::of(item, "a parameter", problems)?;
    let (name, _) = fields.required_text(&["name"], problems)?;
    Some(declaration(name, &fields, problems))
}

/// `limit: {type: integer, default: 3}`, or only a default: `limit: 3`.
fn mapped(name: &str, cursor: Cursor<'_>, problems: &mut Problems) -> Option<Parameter> {
    let declares = match &cursor.node.value {
        NodeValue::Map(entries) => {
            entries.iter().all(|entry| FIELDS.contains(&entry.key.as_str()))
                && entries.iter().any(|entry| FIELDS[..4].contains(&entry.key.as_str()))
        }
        _ => false,
    };
    if declares {
        let fields = Fields::of(cursor, "a parameter", problems)?;
        return Some(declaration(name.to_owned(), &fields, problems));
    }
    Some(Parameter {
        name: name.to_owned(),
        place: cursor.place(),
        kind: None,
        allowed: None,
        required: false,
        default: Some(cursor.node.to_value()),
    })
}

fn declaration(name: String, fields: &Fields<'_>, problems: &mut Problems) -> Parameter {
    fields.unknown(&FIELDS, problems);
    let schema = fields.get(&["schema"]).map(|schema| Fields::of(schema, "a schema", problems));
    let schema = schema.flatten();
    let kind = fields
        .text(&["type"], problems)
        .or_else(|| schema.as_ref().and_then(|schema| schema.text(&["type"], problems)));
    let kind = kind.and_then(|(kind, place)| {
        let known = ParameterType::of(&kind);
        if known.is_none() {
            let names = ["text", "number", "integer", "boolean", "list", "map", "any"];
            let message = format!(
                "there is no type {} of parameters; {}",
                quoted(&kind),
                or_which(&kind, names)
            );
            problems.error(place, Kind::BadValue, message);
        }
        known
    });
    let allowed = fields.get(&["enum"]).or_else(|| schema.as_ref()?.get(&["enum"]));
    let allowed = allowed.and_then(|allowed| match allowed.node.to_value() {
        Value::Array(values) => Some(values),
        _ => wrong_type(&allowed, "a list of values", problems),
    });
    let default = fields.raw("default").or_else(|| schema.as_ref()?.raw("default"));
    let default = default.map(|default| default.node.to_value());
    // What has a default does without a value; without either, a parameter is needed unless it says otherwise.
    let required = fields.flag("required", problems).unwrap_or(true) && default.is_none();
    Parameter { name, place: fields.place(), kind, allowed, required, default }
}

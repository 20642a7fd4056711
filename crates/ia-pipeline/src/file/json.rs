//! JSON as a tree with positions.

use std::collections::HashMap;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::error::FlowFileErrorKind as Kind;
use super::node::{Entry, Node, NodeValue, with_index, with_key};
use super::place::{Lines, Place, Position};
use super::problems::Problems;
use super::text::DEEPEST;
use super::words::quoted;

/// Parses JSON, and nothing but JSON.
pub(crate) fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    // It knows what JSON is, but no positions; the other one knows positions, but takes more than JSON.
    if let Err(error) = serde_json::from_str::<Value>(text) {
        let at = Position::new(error.line(), error.column());
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        if message.contains("recursion limit") {
            too_deep(Place::root(at), problems);
        } else {
            problems.error(Place::root(at), Kind::Syntax, format!("is not JSON: {message}"));
        }
        return None;
    }
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let lines = Lines::of(text);
    match parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(jsonc_parser::ParseResult { value: Some(value), .. }) => {
            Reader { lines: &lines, problems }.node(&value, "$", 0)
        }
        Ok(_) => None,
        Err(error) => {
            let at = lines.position(error.range().start);
            let message = format!("is not JSON: {}", error.kind());
            problems.error(Place::root(at), Kind::Syntax, message);
            None
        }
    }
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn node(&mut self, value: &ast::Value<'_>, path: &str, depth: usize) -> Option<Node> {
        let at = self.lines.position(value.start());
        if depth > DEEPEST {
            too_deep(Place { path: path.to_owned(), at }, self.problems);
            return None;
        }
        let value = match value {
            ast::Value::StringLit(text) => NodeValue::Text(text.value.clone().into_owned()),
            ast::Value::NumberLit(number) => {
                let Ok(fits) = number.value.parse() else {
                    let message = format!("{} is not a number that fits", quoted(number.value));
                    let place = Place { path: path.to_owned(), at };
                    self.problems.error(place, Kind::Syntax, message);
                    return None;
                };
                NodeValue::Number(fits)
            }
            ast::Value::BooleanLit(yes) => NodeValue::Bool(yes.value),
            ast::Value::NullKeyword(_) => NodeValue::Null,
            ast::Value::Array(list) => {
                let items = list.elements.iter().enumerate();
                let items =
                    items.map(|(at, item)| self.node(item, &with_index(path, at), depth + 1));
                NodeValue::List(items.collect::<Option<_>>()?)
            }
            ast::Value::Object(map) => self.map(map, path, depth)?,
        };
        Some(Node { at, value })
    }

    fn map(&mut self, map: &ast::Object<'_>, path: &str, depth: usize) -> Option<NodeValue> {
        let mut entries = Entries::default();
        for property in &map.properties {
            let key = property.name.as_str().to_owned();
            let key_at = self.lines.position(property.start());
            let path = with_key(path, &key);
            let value = self.node(&property.value, &path, depth + 1)?;
            entries.push(Entry { key, key_at, value }, &path, self.problems);
        }
        Some(entries.finish())
    }
}

/// The entries of a map under way: keys are unique.
#[derive(Default)]
pub(super) struct Entries {
    entries: Vec<Entry>,
    /// By key: the line where it was first.
    lines: HashMap<String, u32>,
}

impl Entries {
    /// Adds an entry, unless there is one of its key.
    pub(super) fn push(&mut self, entry: Entry, path: &str, problems: &mut Problems) {
        if let Some(line) = self.lines.get(&entry.key) {
            let message = format!(
                "the key {} is there twice, first on line {line}; remove one",
                quoted(&entry.key)
            );
            let place = Place { path: path.to_owned(), at: entry.key_at };
            problems.error(place, Kind::Duplicate, message);
        } else {
            self.lines.insert(entry.key.clone(), entry.key_at.line);
            self.entries.push(entry);
        }
    }

    pub(super) fn finish(self) -> NodeValue {
        NodeValue::Map(self.entries)
    }
}

pub(super) fn too_deep(place: Place, problems: &mut Problems) {
    let message = format!("lists and maps are nested more than {DEEPEST} deep; flatten them");
    problems.error(place, Kind::TooDeep, message);
}

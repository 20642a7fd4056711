//! Templates: `{{ parameters.x }}` in the texts of a configuration.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::FlowFileErrorKind as Kind;
use super::node::{Cursor, Entry, Node, NodeValue};
use super::problems::Problems;
use super::reference::{Alternative, Reference, Root, Setting, follow};
use super::words::{or_which, quoted};

/// One part of a text with templates in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// What stands between `{{` and `}}`.
    Template(&'a str),
}

/// Splits a text into what stands between braces and what does not.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let Some((template, after)) = split_template(inside) else {
            return Err(
                "a `{{` is not closed by `}}`; close it, or write `{{ \"{{\" }}` for the braces themselves"
                    .to_owned(),
            );
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Template(template.trim()));
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// What stands before `}}`, and what after; braces between quotes close nothing.
fn split_template(inside: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if inside[at..].starts_with("}}") => {
                return Some((&inside[..at], &inside[at + 2..]));
            }
            Some(_) | None => {}
        }
    }
    None
}

/// Resolves templates by the values of parameters.
pub(crate) struct Templates<'a> {
    /// The names of all parameters, those without a value included.
    pub(crate) names: &'a [String],
    pub(crate) values: &'a Map<String, Value>,
}

impl Templates<'_> {
    /// The tree without templates. What cannot be resolved is an error and null.
    pub(crate) fn resolve(&self, cursor: &Cursor<'_>, problems: &mut Problems) -> Node {
        let value = match &cursor.node.value {
            NodeValue::Text(text) if text.contains("{{") => {
                let value = self.text(text, cursor, problems);
                return Node::of(value.unwrap_or(Value::Null), cursor.node.at);
            }
            NodeValue::List(_) => NodeValue::List(
                cursor.items().iter().map(|item| self.resolve(item, problems)).collect(),
            ),
            NodeValue::Map(_) => {
                let entry = |(entry, cursor): (&Entry, Cursor<'_>)| Entry {
                    key: entry.key.clone(),
                    key_at: entry.key_at,
                    value: self.resolve(&cursor, problems),
                };
                NodeValue::Map(cursor.fields().into_iter().map(entry).collect())
            }
            other => other.clone(),
        };
        Node { at: cursor.node.at, value }
    }

    fn text(&self, text: &str, cursor: &Cursor<'_>, problems: &mut Problems) -> Option<Value> {
        let mut bad = |message: String| {
            problems.error(cursor.place(), Kind::BadSource, message);
        };
        let pieces = match pieces(text) {
            Ok(pieces) => pieces,
            Err(message) => {
                bad(message);
                return None;
            }
        };
        // A text that is only a template keeps the type of its value.
        if let [Piece::Template(template)] = pieces[..] {
            return self.value(template, cursor, problems);
        }
        let mut whole = String::new();
        for piece in pieces {
            let part = match piece {
                Piece::Text(text) => Cow::Borrowed(text),
                Piece::Template(template) => match self.value(template, cursor, problems)? {
                    Value::String(text) => Cow::Owned(text),
                    value @ (Value::Number(_) | Value::Bool(_)) => Cow::Owned(value.to_string()),
                    _ => {
                        let message = format!(
                            "the value of {} cannot stand in a text; let the template stand alone",
                            quoted(template)
                        );
                        problems.error(cursor.place(), Kind::BadValue, message);
                        return None;
                    }
                },
            };
            whole.push_str(&part);
        }
        Some(Value::String(whole))
    }

    /// The value of a template; `None` where it is unknown, or where its parameter has no value.
    fn value(&self, template: &str, cursor: &Cursor<'_>, problems: &mut Problems) -> Option<Value> {
        let reference = match Reference::read(template, Setting::Mapping, &[]) {
            Ok(reference) => reference,
            Err(message) => {
                let message =
                    format!("the template {} cannot be read: {message}", quoted(template));
                problems.error(cursor.place(), Kind::BadSource, message);
                return None;
            }
        };
        for alternative in &reference.alternatives {
            match alternative {
                Alternative::Literal(value) => return Some(value.clone()),
                Alternative::Path(Root::Parameter(name), path) => {
                    if !self.names.contains(name) {
                        let which = or_which(name, self.names.iter().map(String::as_str));
                        let message = format!("there is no parameter {}; {which}", quoted(name));
                        problems.error(cursor.place(), Kind::UnknownParameter, message);
                        return None;
                    }
                    let value = self.values.get(name)?;
                    if let Some(value) = follow(value, path) {
                        return Some(value.clone());
                    }
                }
                Alternative::Path(..) => {
                    let message = format!(
                        "{} is known only when the pipeline runs; a template here takes `parameters.<name>`, and \
                         `inputs` take the rest",
                        quoted(template)
                    );
                    problems.error(cursor.place(), Kind::BadSource, message);
                    return None;
                }
            }
        }
        let message = format!("there is nothing at {}; correct the path", quoted(template));
        problems.error(cursor.place(), Kind::BadSource, message);
        None
    }
}

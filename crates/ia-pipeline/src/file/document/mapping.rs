//! What a step is given, and what a run gives: `inputs` and `outputs`.

use serde_json::Value;

use crate::file::document::StepIds;
use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::fields::{Fields, wrong_type};
use crate::file::node::{Cursor, NodeValue};
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::file::reference::{Reference, Setting};
use crate::file::template::{Piece, pieces};
use crate::file::words::{or_which, quoted};

/// A value with references in it.
#[derive(Clone, Debug)]
pub(crate) enum Mapping {
    List(Vec<Self>),
    Literal(Value),
    Map(Vec<MappedField>),
    Reference(Reference),
    /// A text with references in it.
    Text(Vec<TextPiece>),
}

/// A field of a mapping. One that is not required is left out where its value is not there.
#[derive(Clone, Debug)]
pub(crate) struct MappedField {
    pub(crate) name: String,
    pub(crate) value: Mapping,
    pub(crate) required: bool,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(crate) enum TextPiece {
    Reference(Reference),
    Text(String),
}

/// Reads mappings.
pub(crate) struct Mappings<'a> {
    pub(crate) steps: &'a StepIds,
    pub(crate) parameters: &'a [String],
    pub(crate) asker: Asker,
}

/// Who asks for a value, and so which steps can have given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A condition after this step.
    After(usize),
    /// The inputs of this step.
    Before(usize),
    /// The outputs of a run.
    End,
}

impl Mappings<'_> {
    /// A map of names and sources, a list of `{name, source}`, or one source for the whole value.
    pub(crate) fn read(&self, cursor: &Cursor<'_>, problems: &mut Problems) -> Option<Mapping> {
        match &cursor.node.value {
            NodeValue::Map(_) | NodeValue::Text(_) => self.value(cursor, problems),
            NodeValue::List(_) => {
                let mut fields: Vec<MappedField> = Vec::new();
                for item in cursor.items() {
                    let Some((field, place)) = self.listed(item, problems) else { continue };
                    if fields.iter().any(|known| known.name == field.name) {
                        let message =
                            format!("{} is mapped twice; remove one", quoted(&field.name));
                        problems.error(place, Kind::Duplicate, message);
                    } else {
                        fields.push(field);
                    }
                }
                Some(Mapping::Map(fields))
            }
            _ => wrong_type(cursor, "a map of names and sources", problems),
        }
    }

    /// `{name: pages, source: "{steps.load.output.pages}", required: true}`
    fn listed(&self, item: Cursor<'_>, problems: &mut Problems) -> Option<(MappedField, Place)> {
        let fields = Fields::of(item, "a mapping", problems)?;
        fields.unknown(
            &["name", "source", "required", "default", "schema", "description", "type"],
            problems,
        );
        let (name, place) = fields.required_text(&["name"], problems)?;
        let required = fields.flag("required", problems).unwrap_or(true);
        let Some(source) = fields.get(&["source"]) else {
            fields.missing("source", problems);
            return None;
        };
        let mut value = self.value(&source, problems)?;
        if let (Some(default), Mapping::Reference(reference)) = (fields.raw("default"), &mut value)
        {
            reference.or_else(default.node.to_value());
        }
        Some((MappedField { name, value, required }, place))
    }

    fn value(&self, cursor: &Cursor<'_>, problems: &mut Problems) -> Option<Mapping> {
        match &cursor.node.value {
            NodeValue::Text(text) => self.text(text, cursor, problems),
            NodeValue::List(_) => {
                let items = cursor.items();
                let items = items.iter().filter_map(|item| self.value(item, problems));
                Some(Mapping::List(items.collect()))
            }
            NodeValue::Map(_) => {
                let field = |(entry, cursor): (&crate::file::node::Entry, Cursor<'_>)| {
                    let value = self.value(&cursor, problems)?;
                    Some(MappedField { name: entry.key.clone(), value, required: true })
                };
                Some(Mapping::Map(cursor.fields().into_iter().filter_map(field).collect()))
            }
            _ => Some(Mapping::Literal(cursor.node.to_value())),
        }
    }

    /// A text is one reference, a text with references in it, or only a text.
    fn text(&self, text: &str, cursor: &Cursor<'_>, problems: &mut Problems) -> Option<Mapping> {
        let mut parts = Vec::new();
        match pieces(text) {
            Ok(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Template(inside) => {
                            parts.push(TextPiece::Reference(
                                self.reference(inside, cursor, problems)?,
                            ));
                        }
                        Piece::Text(text) => self.braces(text, cursor, &mut parts, problems)?,
                    }
                }
            }
            Err(message) => {
                problems.error(cursor.place(), Kind::BadSource, message);
                return None;
            }
        }
        Some(match <[TextPiece; 1]>::try_from(parts) {
            Ok([TextPiece::Reference(reference)]) => Mapping::Reference(reference),
            Ok([TextPiece::Text(text)]) => Mapping::Literal(Value::String(text)),
            Err(parts) => Mapping::Text(parts),
        })
    }

    /// Finds `{…}` in a text. What stands between braces in the middle of a text and begins like no path is text.
    fn braces(
        &self,
        text: &str,
        cursor: &Cursor<'_>,
        parts: &mut Vec<TextPiece>,
        problems: &mut Problems,
    ) -> Option<()> {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once('{') {
            plain.push_str(before);
            let whole = before.is_empty() && parts.is_empty() && plain.is_empty();
            match inside.split_once('}') {
                Some((path, after)) if (whole && after.is_empty()) || self.begins_path(path) => {
                    if !plain.is_empty() {
                        parts.push(TextPiece::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(TextPiece::Reference(self.reference(path, cursor, problems)?));
                    rest = after;
                }
                None if self.begins_path(inside) => {
                    let message = "a `{` is not closed by `}`; close it";
                    problems.error(cursor.place(), Kind::BadSource, message);
                    return None;
                }
                _ => {
                    plain.push('{');
                    rest = inside;
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() || parts.is_empty() {
            parts.push(TextPiece::Text(plain));
        }
        Some(())
    }

    fn begins_path(&self, text: &str) -> bool {
        let first = text.trim_start().split(['.', '[', '|', '}']).next().unwrap_or("").trim();
        matches!(first, "steps" | "parameters" | "input" | "pipeline_input")
            || (self.steps.number(first).is_some() && text.contains('.'))
    }

    fn reference(
        &self,
        text: &str,
        cursor: &Cursor<'_>,
        problems: &mut Problems,
    ) -> Option<Reference> {
        let reference = match Reference::read(text, Setting::Mapping, self.steps.names()) {
            Ok(reference) => reference,
            Err(message) => {
                let message = format!("the source {} cannot be read: {message}", quoted(text));
                problems.error(cursor.place(), Kind::BadSource, message);
                return None;
            }
        };
        self.check(&reference, &cursor.place(), problems);
        Some(reference)
    }

    /// Says which steps and parameters there are not.
    pub(crate) fn check(&self, reference: &Reference, place: &Place, problems: &mut Problems) {
        for step in reference.steps().filter(|step| self.steps.number(step).is_none()) {
            let which = or_which(step, self.steps.names().iter().map(String::as_str));
            let message = format!(
                "{} reads a step {} that there is not; {which}",
                quoted(&reference.text),
                quoted(step)
            );
            problems.error(place.clone(), Kind::UnknownStep, message);
        }
        let known = |name: &&str| !self.parameters.iter().any(|known| known == name);
        for name in reference.parameters().filter(known) {
            let which = or_which(name, self.parameters.iter().map(String::as_str));
            let message = format!(
                "{} reads a parameter {} that there is not; {which}",
                quoted(&reference.text),
                quoted(name)
            );
            problems.error(place.clone(), Kind::UnknownParameter, message);
        }
        self.check_order(reference, place, problems);
    }

    /// Says which steps never come before the one that reads them.
    fn check_order(&self, reference: &Reference, place: &Place, problems: &mut Problems) {
        for step in reference.steps() {
            let Some(from) = self.steps.number(step) else { continue };
            let (known, to) = match self.asker {
                Asker::After(to) => (from == to || self.steps.leads(from, to), to),
                Asker::Before(to) => (self.steps.leads(from, to), to),
                Asker::End => continue,
            };
            if !known {
                let message = format!(
                    "{} reads step {}, which never comes before step {}; lead a path from the one to the other",
                    quoted(&reference.text),
                    quoted(step),
                    quoted(&self.steps.names()[to])
                );
                problems.error(place.clone(), Kind::Unreachable, message);
            }
        }
    }
}

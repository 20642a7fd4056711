//! Finds the values of references in the state of a run.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::document::{MappedField, Mapping, TextPiece};
use super::reference::{Alternative, Reference, Root, Segment, follow};
use super::state::FlowState;
use super::words::quoted;
use crate::StepError;
use crate::error_type::MISSING_VALUE;

/// Where references are looked up.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) state: &'a FlowState,
    pub(crate) parameters: &'a Map<String, Value>,
}

impl<'a> View<'a> {
    /// The first alternative that is there.
    pub(crate) fn find(&self, reference: &'a Reference) -> Option<Cow<'a, Value>> {
        reference.alternatives.iter().find_map(|alternative| match alternative {
            Alternative::Literal(value) => Some(Cow::Borrowed(value)),
            Alternative::Path(root, path) => self.path(root, path),
        })
    }

    fn path(&self, root: &Root, path: &[Segment]) -> Option<Cow<'a, Value>> {
        let (root, path) = match root {
            Root::Input => (self.state.input(), path),
            Root::Merged => match path.split_first() {
                Some((Segment::Key(key), rest)) => (self.state.field(key)?, rest),
                _ => return None,
            },
            Root::Parameter(name) => (self.parameters.get(name)?, path),
            Root::Result => (self.state.last()?, path),
            Root::Skipped(step) => {
                return Some(Cow::Owned(Value::Bool(self.state.output(step).is_none())));
            }
            Root::Step(step) => (self.state.output(step)?, path),
        };
        follow(root, path).map(Cow::Borrowed)
    }

    /// The value of a mapping.
    pub(crate) fn resolve(&self, mapping: &'a Mapping) -> Result<Value, StepError> {
        match mapping {
            Mapping::Literal(value) => Ok(value.clone()),
            Mapping::List(items) => items
                .iter()
                .map(|item| self.resolve(item))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Mapping::Map(fields) => {
                let mut map = Map::new();
                for MappedField { name, value, required } in fields {
                    match self.resolve(value) {
                        Ok(value) => {
                            map.insert(name.clone(), value);
                        }
                        Err(_) if !required => {}
                        Err(missing) => return Err(missing),
                    }
                }
                Ok(Value::Object(map))
            }
            Mapping::Reference(reference) => {
                self.find(reference).map(Cow::into_owned).ok_or_else(|| missing(reference))
            }
            Mapping::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        TextPiece::Text(part) => text.push_str(part),
                        TextPiece::Reference(reference) => {
                            let value = self.find(reference).ok_or_else(|| missing(reference))?;
                            match &*value {
                                Value::String(part) => text.push_str(part),
                                other => text.push_str(&other.to_string()),
                            }
                        }
                    }
                }
                Ok(Value::String(text))
            }
        }
    }
}

/// Nothing is where a reference points.
fn missing(reference: &Reference) -> StepError {
    let message = format!(
        "there is nothing at {}: no step gave it, or the step was skipped; correct the path, or add an alternative, like \
         `{{{}|null}}`",
        quoted(&reference.text),
        reference.text
    );
    StepError::named(MISSING_VALUE, message)
}

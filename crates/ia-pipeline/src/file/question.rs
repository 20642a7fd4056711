//! Asks the conditions of a flow file.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::document::Comparison;
use super::registry::NamedCondition;
use super::resolve::View;
use super::state::FlowState;
use super::words::quoted;
use crate::StepError;
use crate::error_type::{INCOMPARABLE, MISSING_VALUE};

/// The longest value that a message shows.
const LONGEST: usize = 100;

/// A condition, its names looked up.
#[derive(Clone)]
pub(crate) enum Question {
    Any(Vec<Self>),
    Compare(Comparison),
    Named(NamedCondition),
    None(Vec<Self>),
}

impl Question {
    pub(crate) fn holds(
        &self,
        state: &FlowState,
        parameters: &Arc<Map<String, Value>>,
    ) -> Result<bool, StepError> {
        match self {
            Self::Any(questions) => any(questions, state, parameters),
            Self::Compare(comparison) => comparison.holds(&View { state, parameters }),
            Self::Named(condition) => Ok(condition(state.last().unwrap_or(&Value::Null))),
            Self::None(questions) => any(questions, state, parameters).map(|any| !any),
        }
    }
}

/// Whether one of them holds. All are asked: one that has no answer is an error, whatever the others say.
fn any(
    questions: &[Question],
    state: &FlowState,
    parameters: &Arc<Map<String, Value>>,
) -> Result<bool, StepError> {
    questions.iter().try_fold(false, |any, question| {
        question.holds(state, parameters).map(|holds| any || holds)
    })
}

impl Comparison {
    fn holds(&self, view: &View<'_>) -> Result<bool, StepError> {
        let found = view.find(&self.source);
        let present = found.is_some();
        let value = match (&found, &self.default) {
            (Some(value), _) => &**value,
            (None, Some(default)) => default,
            (None, None) if self.operator.asks_presence() => {
                return Ok(!self.operator.holds(&Value::Null, &Value::Null).unwrap_or(false));
            }
            (None, None) => {
                let message = format!(
                    "a condition asks for {}, which is not there; correct the path, or give the condition a `default`",
                    quoted(&self.source.text)
                );
                return Err(StepError::named(MISSING_VALUE, message));
            }
        };
        self.operator.holds(value, &self.value).map_err(|_| {
            let message = format!(
                "a condition asks whether {} {} {}, but {} is {}; compare values of one type",
                quoted(&self.source.text),
                self.operator.name().replace('_', " "),
                shown(&self.value),
                if present { "it" } else { "its default" },
                shown(value)
            );
            StepError::named(INCOMPARABLE, message)
        })
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let cut = text.floor_char_boundary(LONGEST);
    if cut < text.len() { format!("`{}…`", &text[..cut]) } else { format!("`{text}`") }
}

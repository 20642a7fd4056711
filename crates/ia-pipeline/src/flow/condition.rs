//! Questions to a step's output.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

use crate::{Data, StepError};

/// A question to a step's output: whether an arrow is followed.
#[derive(Clone)]
pub struct Condition {
    type_id: TypeId,
    type_name: &'static str,
    /// What it asks, where it can be told.
    text: Option<Arc<str>>,
    holds: Arc<Question>,
}

/// Asks an output whose type is forgotten.
type Question = dyn Fn(&(dyn Any + Send + Sync)) -> Result<bool, StepError> + Send + Sync;

/// What turns into a condition: a closure over a reference to the step's output, `|score: &Score| score.ok`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition",
    label = "expected a closure over a reference to the step's output, like `|score: &Score| score.ok`"
)]
pub trait IntoCondition<M> {
    /// Turns into a condition.
    fn into_condition(self) -> Condition;
}

impl Condition {
    /// A question that may have no answer: the error is then one of the step before it.
    pub(crate) fn fallible<T: Data>(
        text: impl Into<Arc<str>>,
        holds: impl Fn(&T) -> Result<bool, StepError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            text: Some(text.into()),
            holds: Arc::new(move |output| output.downcast_ref().map_or(Ok(false), &holds)),
        }
    }

    pub(crate) fn type_id(&self) -> TypeId {
        self.type_id
    }

    pub(crate) fn type_name(&self) -> &'static str {
        self.type_name
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(crate) fn holds(&self, output: &(dyn Any + Send + Sync)) -> Result<bool, StepError> {
        (self.holds)(output)
    }
}

impl<T: Data, F: Fn(&T) -> bool + Send + Sync + 'static> IntoCondition<fn(T)> for F {
    fn into_condition(self) -> Condition {
        Condition {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            text: None,
            holds: Arc::new(move |output| Ok(output.downcast_ref().is_some_and(&self))),
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition(&{})", self.type_name)
    }
}

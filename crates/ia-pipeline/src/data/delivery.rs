//! One value at the door of a step.

use std::any::TypeId;
use std::sync::Arc;

use super::{Data, Form, OutputType, Shared};
use crate::run::SharedPermit;

/// Values on their way to a step, with the names of the steps that gave them.
pub(crate) type Deliveries = Vec<(Arc<str>, Delivery)>;

/// What one predecessor delivered: a value, or nothing because it was skipped or failed.
#[derive(Clone)]
pub(crate) struct Delivery {
    producer: OutputType,
    value: Option<Shared>,
}

impl Delivery {
    pub(crate) fn new(producer: OutputType, value: Option<Shared>) -> Self {
        Self { producer, value }
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.value.is_some() && self.producer.is_stream()
    }

    /// Lends a permit to whoever yields the value, where it is a stream.
    pub(crate) fn lend(&self, permit: &Arc<SharedPermit>) {
        if let Some(value) = &self.value {
            self.producer.lend(value, permit);
        }
    }

    /// Whether a consumer of the type `wanted` can do without the value.
    pub(crate) fn is_optional(&self, wanted: TypeId) -> bool {
        self.producer.form(wanted) == Some(Form::Optional)
    }

    /// The value as the consumer wants it; `None` when it is absent and the consumer needs it.
    pub(crate) fn take<T: Data>(self) -> Option<T> {
        let boxed = self.producer.convert(TypeId::of::<T>(), self.value)?;
        boxed.downcast().ok().map(|value| *value)
    }
}

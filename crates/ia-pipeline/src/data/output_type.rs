//! What is known of a step's output at build time, and the forms in which it can be taken.

use std::any::{Any, TypeId, type_name};
use std::sync::Arc;

use super::{Data, Shared};
use crate::Stream;
use crate::run::SharedPermit;
use crate::stream::lend_to;

/// The type of a step's output. The producer knows it, so the producer brings the conversions.
#[derive(Clone, Copy)]
pub(crate) struct OutputType {
    id: TypeId,
    name: &'static str,
    form: fn(TypeId) -> Option<Form>,
    convert: fn(TypeId, Option<Shared>) -> Option<Box<dyn Any + Send>>,
    /// Where it is a stream that the step yields: lends a permit to whoever yields it.
    lend: Option<fn(&Shared, &Arc<SharedPermit>)>,
}

/// How a consumer takes an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// It needs the value.
    Required,
    /// It can do without.
    Optional,
}

impl OutputType {
    pub(crate) fn of<T: Data>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
            form: form::<T>,
            convert: convert::<T>,
            lend: None,
        }
    }

    /// Of a step that yields `T`s.
    pub(crate) fn of_stream<T: Send + 'static>() -> Self {
        Self { lend: Some(lend_to::<T>), ..Self::of::<Stream<T>>() }
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.lend.is_some()
    }

    /// Lends a permit to whoever yields the stream, where it is one.
    pub(crate) fn lend(&self, stream: &Shared, permit: &Arc<SharedPermit>) {
        if let Some(lend) = self.lend {
            lend(stream, permit);
        }
    }

    /// The same under another name, for messages.
    pub(crate) fn called(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(crate) fn id(&self) -> TypeId {
        self.id
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How a consumer of type `wanted` takes this output, if it can.
    pub(crate) fn form(&self, wanted: TypeId) -> Option<Form> {
        (self.form)(wanted)
    }

    /// The value, or its absence, in a box of the type `wanted`.
    pub(crate) fn convert(
        &self,
        wanted: TypeId,
        value: Option<Shared>,
    ) -> Option<Box<dyn Any + Send>> {
        (self.convert)(wanted, value)
    }
}

fn form<T: Data>(wanted: TypeId) -> Option<Form> {
    if wanted == TypeId::of::<T>() || wanted == TypeId::of::<Arc<T>>() {
        Some(Form::Required)
    } else if wanted == TypeId::of::<Option<T>>() || wanted == TypeId::of::<Option<Arc<T>>>() {
        Some(Form::Optional)
    } else {
        None
    }
}

fn convert<T: Data>(wanted: TypeId, value: Option<Shared>) -> Option<Box<dyn Any + Send>> {
    let value: Option<Arc<T>> = match value {
        Some(value) => Some(value.downcast().ok()?),
        None => None,
    };
    if wanted == TypeId::of::<T>() {
        Some(Box::new(Arc::unwrap_or_clone(value?)))
    } else if wanted == TypeId::of::<Arc<T>>() {
        Some(Box::new(value?))
    } else if wanted == TypeId::of::<Option<T>>() {
        Some(Box::new(value.map(Arc::unwrap_or_clone)))
    } else if wanted == TypeId::of::<Option<Arc<T>>>() {
        Some(Box::new(value))
    } else {
        None
    }
}

//! Steps as the registry keeps them: they take and give JSON.

use std::any::{Any, TypeId, type_name};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::data::Shared;
use crate::error_type::{BAD_INPUT, BAD_OUTPUT};
use crate::service::ServiceType;
use crate::step::ErasedStep;
use crate::{Data, IntoStep, StepError};

/// A step and how its input and output become JSON.
#[derive(Clone)]
pub(crate) struct JsonStep {
    pub(crate) step: Arc<dyn ErasedStep>,
    pub(crate) services: Vec<ServiceType>,
    decode: fn(Value) -> Result<Box<dyn Any + Send>, StepError>,
    encode: fn(Shared) -> Result<Value, StepError>,
}

impl JsonStep {
    pub(crate) fn new<M, S>(step: S) -> Self
    where
        S: IntoStep<M>,
        S::In: DeserializeOwned,
        S::Out: Serialize,
    {
        let (step, services) = step.into_step().into_parts();
        Self { step, services, decode: decode::<S::In>, encode: encode::<S::Out> }
    }

    /// A box of the step's own input type.
    pub(crate) fn input(&self, value: Value) -> Result<Box<dyn Any + Send>, StepError> {
        (self.decode)(value)
    }

    pub(crate) fn output(&self, output: Shared) -> Result<Value, StepError> {
        (self.encode)(output)
    }
}

fn decode<I: Data + DeserializeOwned>(value: Value) -> Result<Box<dyn Any + Send>, StepError> {
    if TypeId::of::<I>() == TypeId::of::<Value>() {
        return Ok(Box::new(value));
    }
    match serde_path_to_error::deserialize::<_, I>(value) {
        Ok(input) => Ok(Box::new(input)),
        Err(error) => {
            let path = match error.path().to_string().as_str() {
                "." => "$".to_owned(),
                path if path.starts_with('[') => format!("${path}"),
                path => format!("$.{path}"),
            };
            let message = format!(
                "the step cannot take what it is given: at {path}: {}; say what it takes by `inputs`, or change what the \
                 steps before it give (it takes a `{}`)",
                error.inner(),
                type_name::<I>()
            );
            Err(StepError::named(BAD_INPUT, message))
        }
    }
}

fn encode<O: Data + Serialize>(output: Shared) -> Result<Value, StepError> {
    let output: Arc<O> = output.downcast().map_err(|_| {
        StepError::msg(format!("the step gave something else than a `{}`", type_name::<O>()))
    })?;
    if TypeId::of::<O>() == TypeId::of::<Value>() {
        let output: Shared = output;
        if let Ok(value) = output.downcast::<Value>() {
            return Ok(Arc::unwrap_or_clone(value));
        }
        return Ok(Value::Null);
    }
    serde_json::to_value(&*output).map_err(|error| {
        let message = format!(
            "what the step gives, a `{}`, is not JSON: {error}; give something that is",
            type_name::<O>()
        );
        StepError::named(BAD_OUTPUT, message)
    })
}

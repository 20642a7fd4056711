//! What flow files may name: steps and conditions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::registered::JsonStep;
use crate::IntoStep;

/// The steps and conditions that flow files may name.
///
/// A file names a step by `module` and `step_class`. The registry is asked for `module.step_class`, then for
/// `step_class`, then for the step's `id`.
///
/// ```
/// use ia_pipeline::{FlowFile, StepContext, StepRegistry};
/// use serde_json::{Value, json};
///
/// #[derive(Clone, serde::Deserialize)]
/// struct Ticket { text: String }
///
/// #[derive(Clone, serde::Serialize)]
/// struct Length { words: usize }
///
/// async fn count(_: StepContext, ticket: Ticket) -> Result<Length, std::io::Error> {
///     Ok(Length { words: ticket.text.split(' ').count() })
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let steps = StepRegistry::new().register("Count", count);
/// let file = FlowFile::from_json(
///     r#"{"name": "words", "steps": [{"id": "count", "step_class": "Count"}], "flow": {"start_at": "count"}}"#,
/// )?;
/// let run = file.build(&steps)?.run(json!({"text": "three little words"})).await?;
/// assert_eq!(run.output, json!({"words": 3}));
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct StepRegistry {
    steps: BTreeMap<String, Registered>,
    conditions: BTreeMap<String, NamedCondition>,
}

/// A condition of the registry: a question to what the step before it gave.
pub(crate) type NamedCondition = Arc<dyn Fn(&Value) -> bool + Send + Sync>;

/// A step, or what makes one.
#[derive(Clone)]
pub(crate) enum Registered {
    Step(JsonStep),
    Factory(Factory),
}

/// Makes a step of its configuration.
type Factory = Arc<dyn Fn(Value) -> Result<JsonStep, BadConfig> + Send + Sync>;

/// A configuration that a factory does not take.
pub(crate) struct BadConfig {
    pub(crate) path: serde_path_to_error::Path,
    pub(crate) message: String,
}

impl StepRegistry {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step under a name; one of the same name is replaced. What it takes is read from JSON, what it gives is
    /// written as JSON. Its `config` in a file has no effect: see [`register_with`](Self::register_with).
    #[must_use]
    pub fn register<M, S>(mut self, name: impl Into<String>, step: S) -> Self
    where
        S: IntoStep<M>,
        S::In: DeserializeOwned,
        S::Out: Serialize,
    {
        self.steps.insert(name.into(), Registered::Step(JsonStep::new(step)));
        self
    }

    /// Adds what makes a step of its `config`, once for each step of a file that names it. A configuration that `C` does
    /// not take is an error when the pipeline is built, with its line; use `#[serde(deny_unknown_fields)]` to have
    /// misspelt fields be errors too. A step without `config` has an empty map.
    ///
    /// ```
    /// # use ia_pipeline::{Step, StepContext, StepError, StepRegistry};
    /// #[derive(serde::Deserialize)]
    /// struct TruncateConfig { at: usize }
    ///
    /// struct Truncate { at: usize }
    ///
    /// impl Step for Truncate {
    ///     type In = String;
    ///     type Out = String;
    ///
    ///     async fn run(&self, _: StepContext, mut text: String) -> Result<String, StepError> {
    ///         text.truncate(self.at);
    ///         Ok(text)
    ///     }
    /// }
    ///
    /// let steps = StepRegistry::new()
    ///     .register_with("Truncate", |config: TruncateConfig| Truncate { at: config.at });
    /// ```
    #[must_use]
    pub fn register_with<C, M, S>(
        mut self,
        name: impl Into<String>,
        factory: impl Fn(C) -> S + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned,
        S: IntoStep<M>,
        S::In: DeserializeOwned,
        S::Out: Serialize,
    {
        let make = move |config: Value| match serde_path_to_error::deserialize::<_, C>(config) {
            Ok(config) => Ok(JsonStep::new(factory(config))),
            Err(error) => {
                Err(BadConfig { path: error.path().clone(), message: error.inner().to_string() })
            }
        };
        self.steps.insert(name.into(), Registered::Factory(Arc::new(make)));
        self
    }

    /// Adds a condition under a name, for paths with a condition of the type `function` or `agent`; one of the same name
    /// is replaced. It is asked about what the step before the path gave.
    #[must_use]
    pub fn condition(
        mut self,
        name: impl Into<String>,
        holds: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.conditions.insert(name.into(), Arc::new(holds));
        self
    }

    /// The first of these that is there.
    pub(crate) fn find(&self, keys: &[String]) -> Option<(&str, &Registered)> {
        keys.iter().find_map(|key| self.steps.get_key_value(key)).map(|(key, step)| (&**key, step))
    }

    pub(crate) fn find_condition(&self, names: &[String]) -> Option<&NamedCondition> {
        names.iter().find_map(|name| self.conditions.get(name))
    }

    pub(crate) fn step_names(&self) -> impl Iterator<Item = &str> {
        self.steps.keys().map(String::as_str)
    }

    pub(crate) fn condition_names(&self) -> impl Iterator<Item = &str> {
        self.conditions.keys().map(String::as_str)
    }
}

impl fmt::Debug for StepRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepRegistry")
            .field("steps", &self.steps.keys())
            .field("conditions", &self.conditions.keys())
            .finish()
    }
}

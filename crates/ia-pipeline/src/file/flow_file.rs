//! Flow files.

use std::fmt;
use std::path::Path;

use serde_json::Value;

use super::assemble::{Assembled, assemble};
use super::document::{Document, Given};
use super::error::{FlowFileError, FlowFileErrorKind as Kind, FlowFileErrors, FlowFileWarning};
use super::node::Node;
use super::place::Place;
use super::problems::Problems;
use super::registry::StepRegistry;
use super::text::{self, Language};
use crate::builder::{Settings, Typed};
use crate::{BuildError, Empty, Pipeline, PipelineBuilder};

/// A pipeline as a file describes it, in JSON or YAML: read and checked, not yet built.
///
/// [`Pipeline::from_file`] does all in one call. This is for files with parameters, and for pipelines that are given
/// services, prices or limits.
///
/// # What flows
///
/// A step without `inputs` is given one map: the fields of the run's input and of what the steps before it gave, newer
/// ones over older ones, and under the id of each of these steps what it gave as a whole. Newer is what is further along
/// the flow; of two steps equally far, the one listed later. A predecessor whose branch was not taken is null under its
/// id, so a join that takes an `Option` under that name sees which were skipped; so does `{steps.<id>.skipped}`. The step
/// that begins is given the run's input as it is. What a step gives of others under their ids is not kept twice.
///
/// A step with `inputs` is given what these resolve to, and nothing else. A source is `{steps.<id>.output.<path>}`,
/// `{parameters.<name>}` or `{input.<path>}`; `{{ … }}` and `{<id>.<path>}` do as well. Of alternatives, as in
/// `{steps.a.output.x|steps.b.output.x|'none'}`, the first that is there counts. What is not there at all is an error of
/// the step, `missing_value`; what the step cannot take is one, `bad_input`, that tells the path inside the value.
///
/// A run gives its `outputs`, resolved over all that its steps gave. Without them it gives what the step gave at which
/// the flow ended; where it ended at several, the one listed last.
///
/// # Conditions
///
/// `source` is a field of that same map, `result.<path>` for what the step before gave, or one of the sources above. A
/// value that is missing is an error of the step before, `missing_value`, unless the condition has a `default`; values of
/// different types are one too, `incomparable`. Null can be equal or not to anything. Where several conditions hold, all
/// their paths are taken; `else` where none does.
///
/// Paths that lead back, as the flow is followed in depth from its start in the order of the file, are loops. Each needs a
/// condition, and is taken at most `max_iterations` times in a run, not later than `max_loop_time_seconds` after the step
/// that it leads to first began, and after a wait of `iteration_delay_seconds`; past the first two, the step before fails
/// with `loop_limit`.
///
/// # Failures
///
/// `max_attempts` of `retry` counts the first attempt too. `fallback_step` names a step of the registry, which is given
/// the same input and `config`. With `continue_on_error`, what a step gives that failed is a map of `step_error: true`,
/// `step_name`, `error_type` and `error_message`.
///
/// ```
/// use ia_pipeline::{FlowFile, StepContext, StepRegistry};
/// use serde_json::{Value, json};
///
/// async fn greet(_: StepContext, name: String) -> Result<Value, std::io::Error> {
///     Ok(json!({"text": format!("Hello {name}")}))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let file = FlowFile::from_json(r#"{
///     "name": "hello",
///     "parameters": {"name": {"type": "string"}},
///     "steps": [{"id": "greet", "inputs": "{parameters.name}"}],
///     "flow": {"start_at": "greet", "paths": [{"from": "greet", "to": "end"}]},
///     "outputs": {"greeting": "{steps.greet.output.text}"}
/// }"#)?;
/// let steps = StepRegistry::new().register("greet", greet);
/// let pipeline = file.parameter("name", "Ada").builder(&steps)?.max_concurrency(8).build()?;
/// assert_eq!(pipeline.run(Value::Null).await?.output, json!({"greeting": "Hello Ada"}));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct FlowFile {
    file: Option<String>,
    node: Node,
    name: String,
    description: Option<String>,
    warnings: Vec<FlowFileWarning>,
    given: Vec<(String, Value)>,
}

/// The type of a builder that a flow file makes: its pipeline takes and gives JSON.
pub type FlowFileBuilder = PipelineBuilder<Typed<Value, Empty, Value>>;

impl FlowFile {
    /// Reads a file: JSON where its name ends in `.json`, YAML where it ends in `.yaml` or `.yml`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, but for what only the steps and the values of parameters can tell.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, FlowFileErrors> {
        let path = path.as_ref();
        let file = path.display().to_string();
        match text::read(path) {
            Ok((text, language)) => Self::parse(Some(file), &text, language),
            Err(error) => Err(FlowFileErrors::new(Some(file), vec![error])),
        }
    }

    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn from_json(text: &str) -> Result<Self, FlowFileErrors> {
        Self::parse(None, text, Language::Json)
    }

    /// Reads YAML 1.2.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, FlowFileErrors> {
        Self::parse(None, text, Language::Yaml)
    }

    fn parse(file: Option<String>, text: &str, language: Language) -> Result<Self, FlowFileErrors> {
        let mut problems = Problems::default();
        let node = text::parse(text, language, &mut problems);
        let document =
            node.as_ref().and_then(|node| Document::read(node, Given::NotYet, &mut problems));
        match (node, document) {
            (Some(node), Some(document)) if problems.errors.is_empty() => Ok(Self {
                file,
                node,
                name: document.name,
                description: document.description,
                warnings: problems.warnings,
                given: Vec::new(),
            }),
            _ => Err(FlowFileErrors::new(file, problems.errors)),
        }
    }

    /// The name of the pipeline.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the file says the pipeline is for.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The file as JSON, for tools that know the schema of flow files: `schema/flow.schema.json` in this crate.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.node.to_value()
    }

    /// What has no effect: fields that flow files do not have. [`check`](Self::check) knows more.
    #[must_use]
    pub fn warnings(&self) -> &[FlowFileWarning] {
        &self.warnings
    }

    /// Sets the value of a parameter. Defaults to the default that the file gives it.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.given.push((name.into(), value.into()));
        self
    }

    /// Checks all that [`build`](Self::build) does; gives what has no effect, a `config` that no factory reads included.
    ///
    /// # Errors
    ///
    /// All mistakes at once.
    pub fn check(&self, registry: &StepRegistry) -> Result<Vec<FlowFileWarning>, FlowFileErrors> {
        let mut problems = Problems::default();
        let builder = self.assembled(registry, &mut problems);
        let warnings = std::mem::take(&mut problems.warnings);
        self.finished(builder, problems).map(|_| warnings)
    }

    /// Makes the steps and the flow, to go on with services, telemetry, prices and limits.
    ///
    /// # Errors
    ///
    /// All mistakes at once: steps and conditions that the registry does not have, configurations that their factories do
    /// not take, parameters without a value.
    pub fn builder(&self, registry: &StepRegistry) -> Result<FlowFileBuilder, FlowFileErrors> {
        let mut problems = Problems::default();
        let builder = self.assembled(registry, &mut problems);
        self.finished(builder, problems).map(|(builder, _)| builder)
    }

    /// Builds the pipeline.
    ///
    /// # Errors
    ///
    /// As [`builder`](Self::builder), and whatever a builder finds, like services that a step needs: give these to the
    /// [`builder`](Self::builder).
    pub fn build(&self, registry: &StepRegistry) -> Result<Pipeline<Value, Value>, FlowFileErrors> {
        let mut problems = Problems::default();
        let builder = self.assembled(registry, &mut problems);
        let (builder, document) = self.finished(builder, problems)?;
        builder.build().map_err(|errors| {
            let errors = errors.errors().iter().map(|error| located(error, &document)).collect();
            FlowFileErrors::new(self.file.clone(), errors)
        })
    }

    fn assembled(
        &self,
        registry: &StepRegistry,
        problems: &mut Problems,
    ) -> Option<(FlowFileBuilder, Document)> {
        let document = Document::read(&self.node, Given::Values(&self.given), problems)?;
        let Assembled { steps, flow, boundary } = assemble(&document, registry, problems);
        let mut settings = Settings::new(document.name.clone());
        settings.boundary = Some(boundary);
        Some((PipelineBuilder::of_parts(steps, settings, flow), document))
    }

    fn finished(
        &self,
        built: Option<(FlowFileBuilder, Document)>,
        problems: Problems,
    ) -> Result<(FlowFileBuilder, Document), FlowFileErrors> {
        match built {
            Some(built) if problems.errors.is_empty() => Ok(built),
            _ => Err(FlowFileErrors::new(self.file.clone(), problems.errors)),
        }
    }
}

impl Pipeline {
    /// The pipeline that a flow file describes: JSON where its name ends in `.json`, YAML (feature `yaml`) where it ends in
    /// `.yaml` or `.yml`. It takes and gives JSON; a step's name is its `id`. [`FlowFile`] is for files with parameters,
    /// and for pipelines with services.
    ///
    /// # Errors
    ///
    /// All mistakes at once, each with its line.
    pub fn from_file(
        path: impl AsRef<Path>,
        registry: &StepRegistry,
    ) -> Result<Self, FlowFileErrors> {
        let path = path.as_ref();
        let file = Some(path.display().to_string());
        let (text, language) = match text::read(path) {
            Ok(read) => read,
            Err(error) => return Err(FlowFileErrors::new(file, vec![error])),
        };
        let mut problems = Problems::default();
        let Some(node) = text::parse(&text, language, &mut problems) else {
            return Err(FlowFileErrors::new(file, problems.errors));
        };
        let (name, description, given) = (String::new(), None, Vec::new());
        let file = FlowFile { file, node, name, description, warnings: Vec::new(), given };
        let built = file.assembled(registry, &mut problems);
        let (builder, document) = file.finished(built, problems)?;
        builder.build().map_err(|errors| {
            let errors = errors.errors().iter().map(|error| located(error, &document)).collect();
            FlowFileErrors::new(file.file.clone(), errors)
        })
    }
}

/// A mistake that the builder found, where its step stands.
fn located(error: &BuildError, document: &Document) -> FlowFileError {
    let step = error.step().and_then(|step| document.steps.iter().find(|spec| spec.id == step));
    let place: &Place = step.map_or(&document.place, |step| &step.place);
    FlowFileError { kind: Kind::Build, place: Some(place.clone()), message: error.to_string() }
}

impl fmt::Debug for FlowFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowFile")
            .field("file", &self.file)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

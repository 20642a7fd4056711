//! The steps that the flow files of the tests name.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ia_pipeline::{ErrorType, FlowFile, Pipeline, Step, StepContext, StepError, StepRegistry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::probe::Probe;

#[derive(Clone, Deserialize)]
struct Text {
    text: String,
}

#[derive(Clone, Deserialize, Serialize)]
struct Words {
    words: Vec<String>,
}

async fn split(_: StepContext, input: Text) -> Result<Words, io::Error> {
    Ok(Words { words: input.text.split(' ').map(str::to_owned).collect() })
}

async fn count(ctx: StepContext, input: Words) -> Result<Value, io::Error> {
    ctx.items(input.words.len());
    Ok(json!({"count": input.words.len()}))
}

async fn collect(_: StepContext, input: Value) -> Result<Value, io::Error> {
    Ok(json!({"seen": input}))
}

async fn fail(_: StepContext, _: Value) -> Result<Value, StepError> {
    Err("the service is away").error_type("unavailable")
}

#[derive(Clone, Deserialize)]
struct Number {
    n: i64,
}

async fn review(_: StepContext, draft: Number) -> Result<Value, io::Error> {
    Ok(json!({"n": draft.n, "approved": draft.n >= 3}))
}

/// One side of a diamond.
#[derive(Clone, Deserialize)]
struct Side {
    side: String,
}

/// What a join takes by the names of its predecessors: one that was skipped is null.
#[derive(Clone, Deserialize)]
struct Sides {
    left: Option<Side>,
    right: Option<Side>,
}

async fn sides(_: StepContext, sides: Sides) -> Result<Value, io::Error> {
    let present: Vec<String> =
        [sides.left, sides.right].into_iter().flatten().map(|side| side.side).collect();
    Ok(json!({"present": present}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GiveConfig {
    #[serde(default)]
    give: Value,
}

struct Give(Value);

impl Step for Give {
    type In = Value;
    type Out = Value;

    async fn run(&self, _: StepContext, _: Value) -> Result<Value, StepError> {
        Ok(self.0.clone())
    }
}

#[derive(Deserialize)]
struct AddConfig {
    by: i64,
}

struct Add(i64);

impl Step for Add {
    type In = Number;
    type Out = Value;

    async fn run(&self, _: StepContext, input: Number) -> Result<Value, StepError> {
        Ok(json!({"n": input.n + self.0}))
    }
}

#[derive(Deserialize)]
struct FlakyConfig {
    fails: u32,
}

struct Flaky {
    left: AtomicU32,
}

impl Step for Flaky {
    type In = Value;
    type Out = Value;

    async fn run(&self, ctx: StepContext, _: Value) -> Result<Value, StepError> {
        let fails = |left: u32| left.checked_sub(1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return Err("not yet").error_type("unavailable");
        }
        Ok(json!({"attempt": ctx.attempt()}))
    }
}

#[derive(Clone, Deserialize)]
struct ModelConfig {
    model: ModelName,
    stages: Vec<Stage>,
}

#[derive(Clone, Deserialize)]
struct ModelName {
    name: String,
    options: Options,
}

#[derive(Clone, Deserialize)]
struct Options {
    temperature: f64,
}

#[derive(Clone, Deserialize)]
struct Stage {
    depth: u32,
}

fn model(config: &ModelConfig) -> Arc<Give> {
    let depths: Vec<u32> = config.stages.iter().map(|stage| stage.depth).collect();
    Arc::new(Give(json!({
        "model": config.model.name,
        "temperature": config.model.options.temperature,
        "depths": depths,
    })))
}

/// Everything that the fifteen files name.
pub(crate) fn registry() -> StepRegistry {
    StepRegistry::new()
        .register("text.words.Split", split)
        .register("Count", count)
        .register("Collect", collect)
        .register("Fail", fail)
        .register("Review", review)
        .register("Sides", sides)
        .register_with("Give", |config: GiveConfig| Give(config.give))
        .register_with("Add", |config: AddConfig| Add(config.by))
        .register_with("Flaky", |config: FlakyConfig| Flaky { left: AtomicU32::new(config.fails) })
        .register_with("Model", |config: ModelConfig| model(&config))
        .condition("rules.is_old", |output| output["seen"]["age_days"].as_u64() > Some(30))
}

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/flows").join(name)
}

/// A pipeline under test and where it records.
pub(crate) struct Loaded {
    pub(crate) pipeline: Pipeline<Value, Value>,
    pub(crate) probe: Probe,
}

impl Loaded {
    pub(crate) fn new(name: &str) -> Self {
        Self::of(&FlowFile::read(path(name)).unwrap())
    }

    pub(crate) fn of(file: &FlowFile) -> Self {
        assert_eq!(file.warnings(), [], "{file:?}");
        let probe = Probe::new();
        let builder = file.builder(&registry()).unwrap();
        let pipeline = builder.telemetry(probe.instruments()).build().unwrap();
        Self { pipeline, probe }
    }

    pub(crate) async fn output(&self, input: Value) -> Value {
        self.pipeline.run(input).await.unwrap().output
    }

    /// How often a step ended with a status.
    pub(crate) fn steps(&self, step: &str, status: &str) -> f64 {
        let labels =
            [("pipeline_name", self.pipeline.name()), ("step_name", step), ("status", status)];
        self.probe.registry.snapshot().value("step_executions_total", labels).unwrap_or(0.0)
    }

    pub(crate) fn runs(&self, status: &str) -> f64 {
        let labels = [("pipeline_name", self.pipeline.name()), ("status", status)];
        self.probe.registry.snapshot().value("pipeline_executions_total", labels).unwrap_or(0.0)
    }

    pub(crate) fn errors(&self, step: &str, error_type: &str) -> f64 {
        let labels = [
            ("pipeline_name", self.pipeline.name()),
            ("step_name", step),
            ("error_type", error_type),
        ];
        self.probe.registry.snapshot().value("step_errors_total", labels).unwrap_or(0.0)
    }
}

//! Pipelines of async steps whose runs are counted, timed, priced and traced without being asked.
//!
//! A step is any `async fn(StepContext, In) -> Result<Out, E>`. A [`Pipeline`] is steps and a [`Flow`]; without a flow it
//! is a chain. Every mistake in it is reported at once when it is built: names, types, services, loops. When it runs, its
//! metrics and spans exist.
//!
//! ```
//! use ia_pipeline::{Pipeline, Policy, StepContext};
//!
//! async fn load(_: StepContext, path: String) -> Result<String, std::io::Error> {
//!     Ok(format!("the text of {path}"))
//! }
//!
//! async fn count(ctx: StepContext, text: String) -> Result<usize, std::io::Error> {
//!     let words = text.split(' ').count();
//!     ctx.items(words);
//!     Ok(words)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pipeline = Pipeline::builder("words")
//!     .step("load", load)
//!     .policy(Policy::retry(3))
//!     .step("count", count)
//!     .build()?;
//! let run = pipeline.run("a.txt".to_owned()).await?;
//! println!("{} words in {:.2?} for {}", run.output, run.duration, run.cost);
//! # Ok(()) }
//! ```
//!
//! # What a run leaves behind
//!
//! Exactly one count in `pipeline_executions_total` and one observation in `pipeline_duration_seconds`, and
//! `active_pipelines` where it was before: also when it fails, panics, times out, or when its future is dropped at any
//! point. Each run is a span, each step a child of it, each attempt of a retried step and each timed call a child of that.
//! The metrics are listed in [`catalogue`].
//!
//! # Where it runs
//!
//! All steps of a run are polled inside the run's own future: dropping it drops them, and no task is left behind. Steps
//! of one run therefore take turns on one thread at any time; runs that are spawned, and work that a step hands to
//! [`StepContext::spawn`], use all of them. Timeouts, deadlines, waits between attempts and for a rate limit, and the wait of
//! a run that failed for tasks that its steps spawned, need a tokio runtime with its timer on; nothing else does.

pub mod catalogue;

mod attribution;
mod boundary;
mod budget;
mod builder;
mod checkpoint;
mod context;
mod data;
mod drawing;
mod error_type;
mod file;
mod flow;
mod instruments;
mod metrics;
mod pipeline;
mod policy;
mod price;
mod run;
mod service;
mod status;
mod step;
mod stream;
mod usd;

pub use self::attribution::{
    AttributionScope, CpuAccounting, CpuUsage, MemoryTotals, MemoryUsage, PipelineResources,
    TrackingAllocator,
};
pub use self::budget::{
    Budget, BudgetExceeded, BudgetLimit, BudgetScope, OnExceeded, Remaining, Reservation,
    SharedBudget, Spending,
};
pub use self::builder::{
    BuildError, BuildErrors, Empty, PipelineBuilder, Steps, StreamBuildError, Typed,
};
pub use self::checkpoint::{CheckpointStore, FileStore, MemoryStore, ResumeError, StoreError};
pub use self::context::{ApiCall, ApiCallGuard, StepContext, Task};
pub use self::data::{Data, Inputs, JoinInput};
pub use self::drawing::Drawing;
pub use self::file::{
    FlowFile, FlowFileBuilder, FlowFileError, FlowFileErrorKind, FlowFileErrors, FlowFileWarning,
    StepRegistry,
};
pub use self::flow::{Condition, Flow, IntoCondition};
pub use self::instruments::Instruments;
pub use self::pipeline::Pipeline;
pub use self::policy::{
    Backoff, CircuitBreaker, CircuitState, Jitter, Policy, PolicyError, RateLimit,
};
pub use self::price::{LoadReport, Price, PriceBook, PriceBookError, RefusedPrice, Usage};
pub use self::run::{
    Canceller, ParsePauseTokenError, ParseRunIdError, Pause, PauseToken, Paused, Run, RunError,
    RunErrorKind, RunId, Running, StepReport,
};
pub use self::service::{MissingService, Service, Services};
pub use self::status::{RunStatus, StepStatus};
pub use self::step::{
    AnyStep, AnyStreamStep, ErrorType, IntoStep, IntoStreamStep, IsFn, IsStep, Step, StepError,
    StreamStep, step_fn,
};
pub use self::stream::{Closed, Sink, Stream};
pub use self::usd::{ParseUsdError, Usd, usd};

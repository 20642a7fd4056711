//! From names and functions to a checked pipeline.

mod check;
mod check_streams;
mod error;
mod graph;
mod pipeline_builder;
mod plan;
mod settings;
mod steps;
mod stream_error;
mod streams;

pub(crate) use self::check::check;
pub use self::error::{BuildError, BuildErrors};
pub(crate) use self::graph::{Graph, Link, LinkKind, Target};
pub use self::pipeline_builder::PipelineBuilder;
pub(crate) use self::plan::{Input, StandIn, StepPlan};
pub(crate) use self::settings::Settings;
pub use self::steps::{Empty, Steps, Typed};
pub use self::stream_error::StreamBuildError;

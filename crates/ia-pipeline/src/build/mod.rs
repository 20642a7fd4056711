//! From names and functions to a checked pipeline.

mod builder;
mod check;
mod error;
mod graph;
mod plan;
mod steps;

pub use self::builder::PipelineBuilder;
pub(crate) use self::check::check;
pub use self::error::{BuildError, BuildErrors};
pub(crate) use self::graph::{Graph, Link, LinkKind, Target};
pub(crate) use self::plan::{Input, StepPlan};
pub use self::steps::{Empty, Steps, Typed};

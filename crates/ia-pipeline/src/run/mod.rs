//! One run of a pipeline.

mod contain;
mod engine;
mod error;
mod failure;
mod guard;
mod progress;
mod report;
mod routes;
mod running;
mod state;
mod step;
mod streams;
mod totals;

pub(crate) use self::contain::contain;
pub use self::error::{RunError, RunErrorKind};
pub use self::report::{Run, StepReport};
pub use self::running::{Canceller, Running};
pub use self::state::RunId;
pub(crate) use self::state::RunState;
pub(crate) use self::step::{SharedPermit, StepScope};

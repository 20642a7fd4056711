//! One run of a pipeline.

mod contain;
mod engine;
mod error;
mod failure;
mod guard;
mod journal;
mod pause;
mod progress;
mod ready;
mod report;
mod resume;
mod routes;
mod running;
mod state;
mod step;
mod tasks;
mod totals;

pub(crate) use self::contain::contain;
pub use self::error::{RunError, RunErrorKind};
pub(crate) use self::failure::Failure;
pub use self::pause::{ParsePauseTokenError, Pause, PauseToken, Paused};
pub use self::report::{Run, StepReport};
pub(crate) use self::resume::Beginning;
pub use self::running::{Canceller, Running};
pub(crate) use self::state::RunState;
pub use self::state::{ParseRunIdError, RunId};
pub(crate) use self::step::{SharedPermit, StepScope};

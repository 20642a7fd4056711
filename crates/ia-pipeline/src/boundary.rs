//! Between what a run takes and gives and what flows between its steps, where these are not the same.

use std::sync::Arc;

use crate::data::{OutputType, Shared};
use crate::run::Failure;

/// The way into the flow and the way out of it.
#[derive(Clone)]
pub(crate) struct Boundary {
    /// What flows between the steps.
    pub(crate) inner: OutputType,
    pub(crate) enter: fn(Shared) -> Shared,
    pub(crate) leave: Leave,
}

/// Makes the run's output of what the steps gave at which the flow ended, in the order in which the steps were added.
pub(crate) type Leave = Arc<dyn Fn(Vec<Shared>) -> Result<Shared, Failure> + Send + Sync>;

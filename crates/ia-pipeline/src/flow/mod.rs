//! Flows: which step follows which.

mod condition;
mod edge;

use std::time::Duration;

pub use self::condition::{Condition, IntoCondition};
pub(crate) use self::edge::{Edge, EdgeKind};

/// Which step follows which. Without one, a pipeline is a chain of its steps.
///
/// ```
/// use ia_pipeline::Flow;
///
/// let flow = Flow::start("draft")
///     .then("check")
///     .repeat("check", |score: &u32| *score < 5, "draft", 3) // at most three times over
///     .when("check", |score: &u32| *score >= 5, "publish")
///     .otherwise("check", Flow::FAILURE);
/// ```
///
/// A step that several others lead to waits until each of them has finished or is known to be skipped, runs once, and
/// takes the value of the one that was not skipped. Where more than one may give a value, add it by
/// [`join`](crate::PipelineBuilder::join) to receive all of them.
#[derive(Clone, Debug)]
pub struct Flow {
    pub(crate) start: String,
    pub(crate) edges: Vec<Edge>,
    cursor: String,
}

impl Flow {
    /// Leads to the end of the run; the step before it gives the run's output. A step that leads nowhere ends there too.
    pub const END: &'static str = "end";

    /// Leads to the end of the run as a failure.
    pub const FAILURE: &'static str = "end_with_failure";

    /// The names that steps cannot have.
    pub(crate) const RESERVED: [&'static str; 3] = [Self::END, "end_with_success", Self::FAILURE];

    /// A flow that begins with this step.
    #[must_use]
    pub fn start(step: impl Into<String>) -> Self {
        let start = step.into();
        Self { cursor: start.clone(), start, edges: Vec::new() }
    }

    /// From the step named last by `start` or `then`, or led to by `join`, to this one.
    #[must_use]
    pub fn then(mut self, step: impl Into<String>) -> Self {
        let step = step.into();
        let from = std::mem::replace(&mut self.cursor, step.clone());
        self.push(from, step, EdgeKind::Always)
    }

    /// From one step to another.
    #[must_use]
    pub fn edge(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.push(from.into(), to.into(), EdgeKind::Always)
    }

    /// From one step to another, if the output of the first says so.
    #[must_use]
    pub fn when<M>(
        self,
        from: impl Into<String>,
        condition: impl IntoCondition<M>,
        to: impl Into<String>,
    ) -> Self {
        self.push(from.into(), to.into(), EdgeKind::When(condition.into_condition()))
    }

    /// From one step to another, if no condition of the first held.
    #[must_use]
    pub fn otherwise(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.push(from.into(), to.into(), EdgeKind::Otherwise)
    }

    /// From one step to several, which run at the same time.
    #[must_use]
    pub fn fan_out(
        self,
        from: impl Into<String>,
        to: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let from = from.into();
        to.into_iter().fold(self, |flow, to| flow.edge(from.clone(), to))
    }

    /// From several steps to one, which waits for all of them. A `then` after it goes on from there.
    #[must_use]
    pub fn join(
        self,
        from: impl IntoIterator<Item = impl Into<String>>,
        to: impl Into<String>,
    ) -> Self {
        let to = to.into();
        let flow = from.into_iter().fold(self, |flow, from| flow.edge(from, to.clone()));
        Self { cursor: to, ..flow }
    }

    /// Back from one step to an earlier one, if the output of the first says so: a loop, taken at most `limit` times in
    /// a run. When the condition holds once more than that, the step fails with the `error_type` `loop_limit`.
    ///
    /// Back means not ahead: when the loop is taken, nothing else that leads away from the step is followed in that round.
    /// Of several loops away from one step, the first whose condition holds is taken. Before the loop starts over,
    /// everything that follows the earlier step comes to rest; then that part of the flow begins anew.
    #[must_use]
    pub fn repeat<M>(
        self,
        from: impl Into<String>,
        condition: impl IntoCondition<M>,
        to: impl Into<String>,
        limit: u32,
    ) -> Self {
        let condition = condition.into_condition();
        let kind = EdgeKind::Loop { condition, limit, pause: Duration::ZERO };
        self.push(from.into(), to.into(), kind)
    }

    pub(crate) fn push(mut self, from: String, to: String, kind: EdgeKind) -> Self {
        self.edges.push(Edge { from, to, kind });
        self
    }
}

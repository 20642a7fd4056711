//! How much may be spent, and what happens when it is not enough.

use std::time::Duration;

use crate::{Usd, usd};

/// How much may be spent, in dollars, tokens, calls and time. Each run of a pipeline that is given a budget has all of
/// it; a [`SharedBudget`](crate::SharedBudget) is one for all runs together.
///
/// A run that is resumed goes on with what it had left. A limit may be spent to the last bit, and not exceeded: with a
/// limit of zero, nothing may be spent. What [`reserve`](crate::ApiCall::reserve)d calls may cost is set aside before
/// they are made, so that they cannot exceed a limit together; other calls and costs are counted when they have been
/// made.
///
/// ```
/// use ia_pipeline::{Budget, BudgetExceeded, OnExceeded, Pipeline, StepContext, Usage};
///
/// async fn ask(ctx: StepContext, question: String) -> Result<String, BudgetExceeded> {
///     let call = ctx.api_call("openai").model("gpt-4o-mini").tokens(2_000, 500).reserve()?;
///     let answer = format!("{question}? Yes."); // the call
///     call.finish(Usage::tokens(1_900, 200));
///     Ok(answer)
/// }
///
/// # fn main() -> Result<(), ia_pipeline::BuildErrors> {
/// let budget = Budget::usd("5.00").tokens(2_000_000).on_exceeded(OnExceeded::Stop);
/// let pipeline = Pipeline::builder("ask").step("ask", ask).budget(budget).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "give it to a pipeline by `.budget(…)`"]
pub struct Budget {
    pub(super) cost: Option<Usd>,
    pub(super) tokens: Option<u64>,
    pub(super) calls: Option<u64>,
    pub(super) wall: Option<Duration>,
    pub(super) on_exceeded: OnExceeded,
}

/// What happens to a run that would exceed its budget, or has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnExceeded {
    /// A reservation that does not fit is refused. The step that fails with that ends the run, which is an error of
    /// kind [`BudgetExceeded`](crate::RunErrorKind::BudgetExceeded): it is not tried again, and neither its fallback
    /// answers nor does the run continue without it. A run that has exceeded its budget without a reservation is
    /// stopped where it next waits, or when the step under way ends, its last one too.
    #[default]
    Stop,
    /// Nothing is refused. An event `budget_exceeded` of the run's span says so, once for each run.
    Warn,
    /// A reservation that does not fit is refused. The step that fails with that is not tried again, but its fallback
    /// answers, or the run continues without it, as its policy says. Nothing else stops.
    Fallback,
}

impl Budget {
    /// No limits.
    pub const fn new() -> Self {
        Self { cost: None, tokens: None, calls: None, wall: None, on_exceeded: OnExceeded::Stop }
    }

    /// A limit in dollars, written in the source: in a constant, a mistake is a compile error. For other amounts use
    /// [`cost`](Self::cost).
    ///
    /// # Panics
    ///
    /// As [`usd`].
    pub const fn usd(limit: &str) -> Self {
        Self::new().cost(usd(limit))
    }

    /// Sets how many dollars calls may cost, as far as prices are known; reservations whose price is not known are
    /// refused. A negative amount is a limit of zero. Defaults to no limit.
    pub const fn cost(mut self, limit: Usd) -> Self {
        self.cost = Some(if limit.as_nanos() < 0 { Usd::ZERO } else { limit });
        self
    }

    /// Sets how many tokens calls may read and write together. Defaults to no limit.
    pub const fn tokens(mut self, limit: u64) -> Self {
        self.tokens = Some(limit);
        self
    }

    /// Sets how many calls may be made, those that fail included. Defaults to no limit.
    pub const fn calls(mut self, limit: u64) -> Self {
        self.calls = Some(limit);
        self
    }

    /// Sets how long a run may take, without waiting for a permit; for a [`SharedBudget`](crate::SharedBudget), how
    /// long after its first run began. Needs a tokio runtime with its timer on. Defaults to no limit.
    pub const fn wall(mut self, limit: Duration) -> Self {
        self.wall = Some(limit);
        self
    }

    /// Sets what happens when the budget is not enough. Defaults to [`OnExceeded::Stop`].
    pub const fn on_exceeded(mut self, reaction: OnExceeded) -> Self {
        self.on_exceeded = reaction;
        self
    }
}

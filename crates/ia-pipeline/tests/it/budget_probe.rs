//! Pipelines with a budget, for the tests of budgets.

use ia_pipeline::{
    BudgetExceeded, BudgetScope, Pipeline, Price, PriceBook, Running, StepContext, StepError, usd,
};

use crate::probe::Probe;

/// A dollar per million tokens read, three per million written.
pub(crate) fn prices() -> PriceBook {
    PriceBook::new("test").with("m", Price::per_million(usd("1"), usd("3")))
}

/// A pipeline of one step.
pub(crate) fn pipeline<F, Fut>(
    probe: &Probe,
    budget: impl Into<BudgetScope>,
    step: F,
) -> Pipeline<(), u32>
where
    F: Fn(StepContext, ()) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u32, StepError>> + Send + 'static,
{
    let builder = Pipeline::builder("p").step("s", step).prices(prices()).budget(budget);
    builder.telemetry(probe.instruments()).build().unwrap()
}

pub(crate) fn run_with<F, Fut>(
    probe: &Probe,
    budget: impl Into<BudgetScope>,
    step: F,
) -> Running<u32>
where
    F: Fn(StepContext, ()) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u32, StepError>> + Send + 'static,
{
    pipeline(probe, budget, step).run(())
}

/// Reserves a million tokens and does not call.
pub(crate) fn ask(ctx: &StepContext) -> Result<(), BudgetExceeded> {
    ctx.api_call("openai").model("m").tokens(1_000_000, 0).reserve().map(drop)
}

/// The events of the run's span that tell of a budget.
pub(crate) fn warnings(probe: &Probe) -> Vec<String> {
    let run = probe.span("p");
    let events = run.events().iter().filter(|event| event.name() == "budget_exceeded");
    events
        .map(|event| event.attribute("budget.message").unwrap().as_str().unwrap().to_owned())
        .collect()
}

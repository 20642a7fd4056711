//! What a call comes to: in metrics, totals and budgets, and on spans.

use ia_tracing::{Value, gen_ai};

use super::StepContext;
use crate::budget::{Amount, Hold};
use crate::{Usage, Usd};

/// A call that was counted.
pub(super) struct Counted {
    usage: Usage,
    pub(super) cost: Usd,
    priced: Priced,
}

/// Where the price of a call is from.
#[derive(Clone, Copy)]
enum Priced {
    Book,
    Given,
    No,
}

/// Counts a call and its cost, in budgets in place of what is held.
pub(super) fn count(
    ctx: &StepContext,
    model: Option<&str>,
    usage: Usage,
    given: Option<Usd>,
    hold: &mut Hold,
) -> Counted {
    let core = &ctx.run().core;
    let by_book =
        || Some((model.and_then(|model| core.prices.get(model))?.of(usage), Priced::Book));
    let known = given.map(|cost| (cost, Priced::Given)).or_else(by_book);
    core.metrics.api_call(model, usage, known.is_some());
    ctx.run().totals.add_call(usage);
    ctx.scope().totals.add_call(usage);
    let (cost, priced) = known.unwrap_or((Usd::ZERO, Priced::No));
    let cost = ctx.count_cost(cost);
    hold.settle(Amount::new(cost, usage.input().saturating_add(usage.output()), 1));
    Counted { usage, cost, priced }
}

/// Counts a call of which nobody knows what it used: as a call alone, but in budgets as all that was reserved for it.
pub(super) fn lost(ctx: &StepContext, model: Option<&str>, hold: &mut Hold) {
    ctx.run().core.metrics.api_call(model, Usage::NONE, true);
    ctx.run().totals.add_call(Usage::NONE);
    ctx.scope().totals.add_call(Usage::NONE);
    hold.keep();
}

impl Counted {
    /// What a span says of it: its tokens, and its cost where that is known.
    pub(super) fn told(&self, ctx: &StepContext) -> Vec<(&'static str, Value)> {
        let usage = self.usage;
        let mut told = vec![
            (gen_ai::USAGE_INPUT_TOKENS, usage.input().into()),
            (gen_ai::USAGE_OUTPUT_TOKENS, usage.output().into()),
        ];
        let parts = [
            (gen_ai::USAGE_CACHE_READ_INPUT_TOKENS, usage.cached_input()),
            (gen_ai::USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cache_written_input()),
            (gen_ai::USAGE_REASONING_OUTPUT_TOKENS, usage.reasoning_output()),
        ];
        let parts = parts.into_iter().filter(|(_, tokens)| *tokens > 0);
        told.extend(parts.map(|(key, tokens)| (key, tokens.into())));
        let source = match self.priced {
            Priced::Book => ctx.run().core.prices.source().to_owned().into(),
            Priced::Given => "given".into(),
            Priced::No => return told,
        };
        told.extend([("cost_usd", self.cost.as_f64().into()), ("price_source", source)]);
        told
    }
}

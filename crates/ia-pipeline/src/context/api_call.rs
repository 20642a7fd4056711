//! Calls of outside services: counted, priced and timed.

use std::borrow::Cow;

use ia_tracing::{ERROR_TYPE, Span, Status, gen_ai};

use super::StepContext;
use crate::{Usage, Usd};

/// A call of an outside service, before it is made or after. Made by [`StepContext::api_call`].
#[derive(Debug)]
#[must_use = "nothing is counted until `record` or `start`"]
pub struct ApiCall<'a> {
    ctx: &'a StepContext,
    provider: Cow<'static, str>,
    model: Option<Cow<'static, str>>,
    tokens: Usage,
    cached: u64,
    cache_written: u64,
    reasoning: u64,
    cost: Option<Usd>,
    estimated: bool,
}

/// A call under way. Dropped before [`finish`](Self::finish), it is counted as failed, or as cancelled where its run is.
#[derive(Debug)]
#[must_use = "dropping it at once counts the call as failed"]
pub struct ApiCallGuard {
    ctx: StepContext,
    model: Option<Cow<'static, str>>,
    cost: Option<Usd>,
    span: Span,
    finished: bool,
}

impl<'a> ApiCall<'a> {
    pub(crate) fn new(ctx: &'a StepContext, provider: Cow<'static, str>) -> Self {
        Self {
            ctx,
            provider,
            model: None,
            tokens: Usage::NONE,
            cached: 0,
            cache_written: 0,
            reasoning: 0,
            cost: None,
            estimated: false,
        }
    }

    /// Names the model that was asked. Its price is looked up by this name. Defaults to none.
    pub fn model(mut self, model: impl Into<Cow<'static, str>>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Says how many tokens the call read and wrote. Defaults to none.
    pub fn tokens(mut self, input: u64, output: u64) -> Self {
        self.tokens = Usage::tokens(input, output);
        self
    }

    /// Says how many of the tokens read came from the provider's cache. Defaults to none.
    pub fn cached(mut self, tokens: u64) -> Self {
        self.cached = tokens;
        self
    }

    /// Says how many of the tokens read were written to the provider's cache. Defaults to none.
    pub fn cache_written(mut self, tokens: u64) -> Self {
        self.cache_written = tokens;
        self
    }

    /// Says how many of the tokens written the model wrote as it reasoned. Defaults to none.
    pub fn reasoning(mut self, tokens: u64) -> Self {
        self.reasoning = tokens;
        self
    }

    /// Says what the call costs, where that is known. Defaults to the price of its model and tokens.
    pub fn cost(mut self, cost: Usd) -> Self {
        self.cost = Some(cost);
        self
    }

    /// Marks the call as one that was not made: its tokens and its cost are estimates. The span says so.
    pub fn estimated(mut self) -> Self {
        self.estimated = true;
        self
    }

    /// Counts the call as made; what it cost.
    ///
    /// A call whose price is not known, as neither its cost was given nor its model is in the price book, is counted in
    /// `unpriced_api_calls_total`, and adds nothing to the cost.
    #[expect(clippy::must_use_candidate, reason = "it counts; the cost is by the way")]
    pub fn record(self) -> Usd {
        let usage = self.tokens.cached(self.cached);
        let cost = account(self.ctx, self.model.as_deref(), usage, self.cost);
        let span = self.ctx.span();
        if span.is_recording() {
            let mut attributes = vec![
                (gen_ai::PROVIDER_NAME, ia_tracing::Value::from(self.provider)),
                (gen_ai::USAGE_INPUT_TOKENS, usage.input().into()),
                (gen_ai::USAGE_OUTPUT_TOKENS, usage.output().into()),
                ("cost_usd", cost.as_f64().into()),
                ("estimated", self.estimated.into()),
            ];
            attributes.extend(self.model.map(|model| (gen_ai::REQUEST_MODEL, model.into())));
            span.add_event("api_call", attributes);
        }
        cost
    }

    /// Starts timing the call, in a span of its own.
    pub fn start(self) -> ApiCallGuard {
        let name = match &self.model {
            Some(model) => format!("{} {model}", self.provider),
            None => self.provider.to_string(),
        };
        let parent = self.ctx.span().context();
        let mut span = self
            .ctx
            .run()
            .core
            .tracer
            .span(name)
            .parent(parent)
            .attribute(gen_ai::PROVIDER_NAME, self.provider);
        if let Some(model) = &self.model {
            span = span.attribute(gen_ai::REQUEST_MODEL, model.clone());
        }
        if self.estimated {
            span = span.attribute("estimated", true);
        }
        ApiCallGuard {
            ctx: self.ctx.clone(),
            model: self.model,
            cost: self.cost,
            span: span.start(),
            finished: false,
        }
    }
}

impl ApiCallGuard {
    /// Counts the call as made; what it cost. See [`ApiCall::record`] for calls whose price is not known.
    pub fn finish(mut self, usage: Usage) -> Usd {
        self.finished = true;
        let cost = account(&self.ctx, self.model.as_deref(), usage, self.cost);
        self.span.set_attribute(gen_ai::USAGE_INPUT_TOKENS, usage.input());
        self.span.set_attribute(gen_ai::USAGE_OUTPUT_TOKENS, usage.output());
        if usage.cached_input() > 0 {
            self.span.set_attribute(gen_ai::USAGE_CACHE_READ_INPUT_TOKENS, usage.cached_input());
        }
        self.span.set_attribute("cost_usd", cost.as_f64());
        self.span.set_status(Status::Ok);
        self.span.end();
        cost
    }
}

impl Drop for ApiCallGuard {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // It was made, so it counts; what it used is not known.
        account(&self.ctx, self.model.as_deref(), Usage::NONE, Some(Usd::ZERO));
        let outcome = if self.ctx.is_cancelled() { "cancelled" } else { "failed" };
        self.span.set_attribute(ERROR_TYPE, outcome);
        self.span.set_status(Status::error(outcome));
        self.span.end();
    }
}

/// Counts a call and its cost.
fn account(ctx: &StepContext, model: Option<&str>, usage: Usage, cost: Option<Usd>) -> Usd {
    let core = &ctx.run().core;
    let priced = || model.and_then(|model| core.prices.get(model)).map(|price| price.of(usage));
    let cost = cost.or_else(priced);
    core.metrics.api_call(model, usage, cost.is_some());
    ctx.run().totals.add_call(usage);
    ctx.scope().totals.add_call(usage);
    let cost = cost.unwrap_or(Usd::ZERO);
    ctx.cost(cost);
    cost
}

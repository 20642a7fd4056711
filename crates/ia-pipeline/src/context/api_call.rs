//! Calls of outside services: counted, priced and timed.

use std::borrow::Cow;

use ia_tracing::{Value, gen_ai};

use super::accounting::count;
use super::{ApiCallGuard, StepContext};
use crate::budget::{Ask, Cost, Hold};
use crate::{BudgetExceeded, Usage, Usd};

/// A call of an outside service, before it is made or after. Made by [`StepContext::api_call`].
#[derive(Debug)]
#[must_use = "nothing is counted until `record`, `start` or `reserve`"]
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

    /// Says what the call costs, where that is known. A negative amount is refused and noted as an event of the step's
    /// span: the cost is then not known. Defaults to the price of its model and tokens.
    pub fn cost(mut self, cost: Usd) -> Self {
        self.cost = self.ctx.not_negative(cost);
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
    ///
    /// It is counted in the run's budget, too: once that is exceeded, the run is stopped where it next waits. To know
    /// before the call, [`reserve`](Self::reserve) it.
    #[expect(clippy::must_use_candidate, reason = "it counts; the cost is by the way")]
    pub fn record(self) -> Usd {
        let usage = self.usage();
        let mut hold = Hold::nothing(self.ctx.run());
        let counted = count(self.ctx, self.model.as_deref(), usage, self.cost, &mut hold);
        let span = self.ctx.span();
        if span.is_recording() {
            let mut attributes = vec![
                (gen_ai::PROVIDER_NAME, Value::from(self.provider)),
                ("estimated", self.estimated.into()),
            ];
            attributes.extend(self.model.map(|model| (gen_ai::REQUEST_MODEL, model.into())));
            attributes.extend(counted.told(self.ctx));
            span.add_event("api_call", attributes);
        }
        counted.cost
    }

    /// Starts timing the call, in a span of its own. It is counted, in the run's budget too, when it has been made.
    pub fn start(self) -> ApiCallGuard {
        let hold = Hold::nothing(self.ctx.run());
        self.start_with(hold)
    }

    /// Sets aside what the call may use at most in the run's [budget](crate::PipelineBuilder::budget), then starts
    /// timing it. Give the most tokens that it may read and write; what it did use is settled when it
    /// [`finish`](ApiCallGuard::finish)es. Reservations never exceed a limit together with what is spent, however many
    /// are made at once. Without a budget this is [`start`](Self::start).
    ///
    /// A budget in dollars needs to know the price beforehand, as an unknown price is not zero: that of the model in
    /// the price book, or the one given by [`cost`](Self::cost).
    ///
    /// # Errors
    ///
    /// [`BudgetExceeded`] where the call does not fit or its price is not known, and the budget does not only warn.
    /// Then nothing is set aside and nothing is counted.
    pub fn reserve(self) -> Result<ApiCallGuard, BudgetExceeded> {
        let (usage, model) = (self.usage(), self.model.as_deref());
        let book = &self.ctx.run().core.prices;
        let by_book = || Some(model.and_then(|model| book.get(model))?.of(usage));
        let cost = match self.cost.or_else(by_book) {
            Some(cost) => Cost::Known(cost),
            None => Cost::Unpriced { model, refused: model.and_then(|model| book.refusal(model)) },
        };
        let tokens = usage.input().saturating_add(usage.output());
        let hold = Hold::new(self.ctx.run(), &Ask { tokens, calls: 1, cost })?;
        Ok(self.start_with(hold))
    }

    fn start_with(self, hold: Hold) -> ApiCallGuard {
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
            hold,
            finished: false,
        }
    }

    /// The parts are said in whatever order.
    fn usage(&self) -> Usage {
        self.tokens.cached(self.cached).cache_written(self.cache_written).reasoning(self.reasoning)
    }
}

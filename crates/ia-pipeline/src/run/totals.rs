//! What a run or a step used and did.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::{Usage, Usd, checkpoint};

/// Totals that steps add to while they run. They stop at the ends of their ranges.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    items: AtomicU64,
    api_calls: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
    cached_tokens: AtomicU64,
    cache_written_tokens: AtomicU64,
    reasoning_tokens: AtomicU64,
    cost: AtomicI64,
}

impl Totals {
    pub(crate) fn add_items(&self, items: u64) {
        add(&self.items, items);
    }

    pub(crate) fn add_cost(&self, cost: Usd) {
        let sum = |old: i64| Some(old.saturating_add(cost.as_nanos()));
        self.cost.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).ok();
    }

    pub(crate) fn add_call(&self, usage: Usage) {
        add(&self.api_calls, 1);
        self.add_tokens(usage);
    }

    fn add_tokens(&self, usage: Usage) {
        add(&self.input_tokens, usage.input());
        add(&self.output_tokens, usage.output());
        add(&self.cached_tokens, usage.cached_input());
        add(&self.cache_written_tokens, usage.cache_written_input());
        add(&self.reasoning_tokens, usage.reasoning_output());
    }

    /// Adds what a checkpoint tells.
    pub(crate) fn add(&self, saved: checkpoint::Totals) {
        add(&self.items, saved.items);
        add(&self.api_calls, saved.api_calls);
        self.add_tokens(saved.tokens());
        self.add_cost(Usd::from_nanos(saved.cost_nano_usd));
    }

    /// As a checkpoint tells it.
    pub(crate) fn saved(&self) -> checkpoint::Totals {
        let tokens = self.tokens();
        checkpoint::Totals {
            items: self.items(),
            api_calls: self.api_calls(),
            input_tokens: tokens.input(),
            output_tokens: tokens.output(),
            cached_tokens: tokens.cached_input(),
            cache_written_tokens: tokens.cache_written_input(),
            reasoning_tokens: tokens.reasoning_output(),
            cost_nano_usd: self.cost().as_nanos(),
        }
    }

    pub(crate) fn items(&self) -> u64 {
        self.items.load(Ordering::Relaxed)
    }

    pub(crate) fn api_calls(&self) -> u64 {
        self.api_calls.load(Ordering::Relaxed)
    }

    pub(crate) fn tokens(&self) -> Usage {
        Usage::tokens(
            self.input_tokens.load(Ordering::Relaxed),
            self.output_tokens.load(Ordering::Relaxed),
        )
        .cached(self.cached_tokens.load(Ordering::Relaxed))
        .cache_written(self.cache_written_tokens.load(Ordering::Relaxed))
        .reasoning(self.reasoning_tokens.load(Ordering::Relaxed))
    }

    pub(crate) fn cost(&self) -> Usd {
        Usd::from_nanos(self.cost.load(Ordering::Relaxed))
    }
}

fn add(total: &AtomicU64, amount: u64) {
    if amount == 0 {
        return;
    }
    let sum = |old: u64| Some(old.saturating_add(amount));
    total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).ok();
}

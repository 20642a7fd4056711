//! What a run or a step used and did.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::{Usage, Usd};

/// Totals that steps add to while they run.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    items: AtomicU64,
    api_calls: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
    cost: AtomicI64,
}

impl Totals {
    pub(crate) fn add_items(&self, items: u64) {
        self.items.fetch_add(items, Ordering::Relaxed);
    }

    pub(crate) fn add_cost(&self, cost: Usd) {
        self.cost.fetch_add(cost.as_nanos(), Ordering::Relaxed);
    }

    pub(crate) fn add_call(&self, usage: Usage) {
        self.api_calls.fetch_add(1, Ordering::Relaxed);
        self.input_tokens.fetch_add(usage.input(), Ordering::Relaxed);
        self.output_tokens.fetch_add(usage.output(), Ordering::Relaxed);
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
    }

    pub(crate) fn cost(&self) -> Usd {
        Usd::from_nanos(self.cost.load(Ordering::Relaxed))
    }
}

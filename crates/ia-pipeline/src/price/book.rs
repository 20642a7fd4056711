//! Prices by model.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Usage, sample};
use crate::Usd;

/// What one token costs, in trillionths of a dollar.
///
/// Trillionths because a token of a small embedding model costs 20 billionths, and a cached one a fraction of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    input: u64,
    output: u64,
    cached_input: Option<u64>,
}

impl Price {
    /// Prices in dollars per million tokens, read and written.
    ///
    /// ```
    /// use ia_pipeline::{Price, Usage, usd};
    ///
    /// let price = Price::per_million(usd("0.15"), usd("0.60"));
    /// assert_eq!(price.of(Usage::tokens(1_000_000, 0)), usd("0.15"));
    /// ```
    #[must_use]
    pub fn per_million(input: Usd, output: Usd) -> Self {
        Self::per_token_pico(per_token(input), per_token(output))
    }

    /// Prices in trillionths of a dollar per token, read and written.
    #[must_use]
    pub const fn per_token_pico(input: u64, output: u64) -> Self {
        Self { input, output, cached_input: None }
    }

    /// Sets the price of a million tokens read from the provider's cache. Defaults to the price of any token read.
    #[must_use]
    pub fn cached_per_million(self, price: Usd) -> Self {
        self.cached_per_token_pico(per_token(price))
    }

    /// Sets the price of one token read from the provider's cache in trillionths of a dollar. Defaults to the price of
    /// any token read.
    #[must_use]
    pub const fn cached_per_token_pico(mut self, price: u64) -> Self {
        self.cached_input = Some(price);
        self
    }

    /// What the tokens cost. Calculated in trillionths and rounded once, half up, to billionths; at most
    /// `i64::MAX` billionths.
    #[must_use]
    pub fn of(&self, usage: Usage) -> Usd {
        let of = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let cached = usage.cached_input();
        let picos = of(usage.input() - cached, self.input)
            .saturating_add(of(cached, self.cached_input.unwrap_or(self.input)))
            .saturating_add(of(usage.output(), self.output));
        Usd::from_nanos(i64::try_from(picos.saturating_add(500) / 1_000).unwrap_or(i64::MAX))
    }
}

/// A negative price is none.
fn per_token(per_million: Usd) -> u64 {
    // A billionth per million is a thousandth of a trillionth per token.
    u64::try_from(per_million.as_nanos()).unwrap_or(0) / 1_000
}

/// Prices by the names of models. Cheap to clone; never asks the network.
///
/// ```
/// use ia_pipeline::{Price, PriceBook, usd};
///
/// let book = PriceBook::sample().with("our-own-model", Price::per_million(usd("0.01"), usd("0.02")));
/// assert!(book.get("text-embedding-3-small").is_some());
/// assert!(book.get("a model nobody knows").is_none());
/// ```
#[derive(Clone, Debug)]
pub struct PriceBook {
    prices: Arc<HashMap<String, Price>>,
    source: Arc<str>,
}

impl PriceBook {
    /// A book without prices: every call is unpriced. `source` says where the prices that are added come from, and of
    /// which date they are.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self { prices: Arc::default(), source: source.into() }
    }

    /// The small sample that is built in: see [`source`](Self::source) for where it comes from and how old it is. Base
    /// prices only, without tiers. Prices change; use your own book where money matters.
    #[must_use]
    pub fn sample() -> Self {
        let prices =
            sample::PRICES.iter().map(|(model, price)| ((*model).to_owned(), *price)).collect();
        Self { prices: Arc::new(prices), source: sample::SOURCE.into() }
    }

    /// Adds or replaces the price of a model.
    #[must_use]
    pub fn with(mut self, model: impl Into<String>, price: Price) -> Self {
        Arc::make_mut(&mut self.prices).insert(model.into(), price);
        self
    }

    /// The price of a model, by its exact name.
    #[must_use]
    pub fn get(&self, model: &str) -> Option<Price> {
        self.prices.get(model).copied()
    }

    /// Where the prices come from and of which date they are.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl Default for PriceBook {
    /// The built-in [`sample`](Self::sample).
    fn default() -> Self {
        Self::sample()
    }
}

//! What the tokens of one model cost.

use super::Usage;
use crate::Usd;

/// What one token costs, by kind, in trillionths of a dollar.
///
/// Trillionths because a token of a small embedding model costs 20 billionths, and a cached one a fraction of that. A
/// negative amount counts as zero, as there is no such price.
///
/// ```
/// use ia_pipeline::{Price, Usage, usd};
///
/// let price = Price::per_million(usd("1.25"), usd("10"))
///     .cached_per_million(usd("0.125"))
///     .above(200_000, Price::per_million(usd("2.50"), usd("15")));
/// assert_eq!(price.of(Usage::tokens(200_000, 0)), usd("0.25"));
/// assert_eq!(price.of(Usage::tokens(200_001, 0)), usd("0.5000025"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    base: Rates,
    /// From the lowest threshold to the highest.
    tiers: Vec<Tier>,
}

/// Prices of one token by kind; a kind without one costs what the kind costs that it is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rates {
    input: u64,
    output: u64,
    cached: Option<u64>,
    cache_written: Option<u64>,
    reasoning: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tier {
    above: u64,
    rates: Rates,
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
        let base = Rates { input, output, cached: None, cache_written: None, reasoning: None };
        Self { base, tiers: Vec::new() }
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
        self.base.cached = Some(price);
        self
    }

    /// Sets the price of a million tokens written to the provider's cache. Defaults to the price of any token read.
    #[must_use]
    pub fn cache_written_per_million(self, price: Usd) -> Self {
        self.cache_written_per_token_pico(per_token(price))
    }

    /// Sets the price of one token written to the provider's cache in trillionths of a dollar. Defaults to the price of
    /// any token read.
    #[must_use]
    pub const fn cache_written_per_token_pico(mut self, price: u64) -> Self {
        self.base.cache_written = Some(price);
        self
    }

    /// Sets the price of a million tokens that the model writes as it reasons. Defaults to the price of any token
    /// written.
    #[must_use]
    pub fn reasoning_per_million(self, price: Usd) -> Self {
        self.reasoning_per_token_pico(per_token(price))
    }

    /// Sets the price of one token that the model writes as it reasons in trillionths of a dollar. Defaults to the
    /// price of any token written.
    #[must_use]
    pub const fn reasoning_per_token_pico(mut self, price: u64) -> Self {
        self.base.reasoning = Some(price);
        self
    }

    /// Sets what a call costs that reads more than `tokens`: all of its tokens, also those below, cost the price of the
    /// highest tier that it is above. A kind of token for which `price` has no price of its own costs what it costs
    /// without the tier; tiers of `price` are left out. Replaces the tier of the same threshold. Defaults to no tiers.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a tier is written in the call")]
    pub fn above(mut self, tokens: u64, price: Self) -> Self {
        self.tiers.retain(|tier| tier.above != tokens);
        let at = self.tiers.partition_point(|tier| tier.above < tokens);
        self.tiers.insert(at, Tier { above: tokens, rates: price.base });
        self
    }

    /// What the tokens cost. Calculated in trillionths and rounded once, half up, to billionths; at most
    /// `i64::MAX` billionths.
    #[must_use]
    pub fn of(&self, usage: Usage) -> Usd {
        let rates = self.rates(usage.input());
        let (cached, written) = (usage.cached_input(), usage.cache_written_input());
        let reasoning = usage.reasoning_output();
        let picos = [
            (usage.input() - cached - written, rates.input),
            (cached, rates.cached.unwrap_or(rates.input)),
            (written, rates.cache_written.unwrap_or(rates.input)),
            (usage.output() - reasoning, rates.output),
            (reasoning, rates.reasoning.unwrap_or(rates.output)),
        ];
        let picos = picos.into_iter().fold(0_u128, |sum, (tokens, price)| {
            sum.saturating_add(u128::from(tokens) * u128::from(price))
        });
        Usd::from_nanos(i64::try_from(picos.saturating_add(500) / 1_000).unwrap_or(i64::MAX))
    }

    /// The prices of a call that reads so many tokens.
    fn rates(&self, input: u64) -> Rates {
        let tier = self.tiers.iter().rev().find(|tier| input > tier.above);
        tier.map_or(self.base, |tier| Rates {
            cached: tier.rates.cached.or(self.base.cached),
            cache_written: tier.rates.cache_written.or(self.base.cache_written),
            reasoning: tier.rates.reasoning.or(self.base.reasoning),
            ..tier.rates
        })
    }

    /// Whether every token is free.
    pub(super) fn is_free(&self) -> bool {
        let free = |rates: &Rates| {
            let kinds = [rates.cached, rates.cache_written, rates.reasoning];
            rates.input == 0 && rates.output == 0 && kinds.into_iter().flatten().all(|p| p == 0)
        };
        free(&self.base) && self.tiers.iter().all(|tier| free(&tier.rates))
    }
}

fn per_token(per_million: Usd) -> u64 {
    // A billionth per million is a thousandth of a trillionth per token.
    u64::try_from(per_million.as_nanos()).unwrap_or(0).saturating_add(500) / 1_000
}

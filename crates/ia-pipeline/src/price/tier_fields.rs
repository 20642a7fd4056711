//! The prices of one entry by kind and by tier.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::Price;
use super::decimal::Picos;
use super::litellm::{Object, read_price};

/// What a token can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Input,
    Output,
    Cached,
    CacheWritten,
    Reasoning,
}

/// The prices of one entry: by the number of tokens that a call must read more than, 0 where it need not.
#[derive(Default)]
pub(super) struct Fields(BTreeMap<u64, BTreeMap<Kind, Picos>>);

/// The value of `tiered_pricing`: prices by ranges of tokens read.
#[derive(Default)]
pub(super) struct TierList {
    tiers: Vec<(u64, Kind, Picos)>,
    other_units: bool,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Input, Self::Output, Self::Cached, Self::CacheWritten, Self::Reasoning];

    /// The key of its price.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Input => "input_cost_per_token",
            Self::Output => "output_cost_per_token",
            Self::Cached => "cache_read_input_token_cost",
            Self::CacheWritten => "cache_creation_input_token_cost",
            Self::Reasoning => "output_cost_per_reasoning_token",
        }
    }
}

/// What a key is the price of, and above how many tokens read: `…_above_200k_tokens`. `None` of prices that are not
/// used.
pub(super) fn field(key: &str) -> Option<(Kind, u64)> {
    Kind::ALL.into_iter().find_map(|kind| {
        let rest = key.strip_prefix(kind.name())?;
        if rest.is_empty() {
            return Some((kind, 0));
        }
        let threshold = rest.strip_prefix("_above_")?.strip_suffix("_tokens")?;
        let (digits, factor) = match threshold.strip_suffix('k') {
            Some(digits) => (digits, 1_000),
            None => (threshold, 1),
        };
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let threshold = digits.parse::<u64>().ok()?.checked_mul(factor)?;
        (threshold > 0).then_some((kind, threshold))
    })
}

impl Fields {
    pub(super) fn set(&mut self, above: u64, kind: Kind, price: Picos) {
        self.0.entry(above).or_default().insert(kind, price);
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.get(0, kind).is_some()
    }

    /// Its models write no tokens, so that they have no price.
    pub(super) fn write_nothing(&mut self) {
        if self.has(Kind::Input) && !self.has(Kind::Output) {
            self.set(0, Kind::Output, Picos { picos: 0, rounded: false });
        }
    }

    pub(super) fn rounded(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).filter(|price| price.rounded).count()
    }

    /// The price, where tokens read and written have one.
    pub(super) fn price(&self) -> Option<Price> {
        let base = self.rates(0)?;
        let tiers = self.0.keys().filter(|above| **above > 0);
        Some(tiers.fold(base, |price, above| match self.rates(*above) {
            Some(tier) => price.above(*above, tier),
            None => price,
        }))
    }

    /// The prices above so many tokens, those read and written from below where they are missing.
    fn rates(&self, above: u64) -> Option<Price> {
        let or_base = |kind| self.get(above, kind).or_else(|| self.get(0, kind));
        let output = or_base(Kind::Output)?;
        let mut price = Price::per_token_pico(or_base(Kind::Input)?, output);
        if let Some(cached) = self.get(above, Kind::Cached) {
            price = price.cached_per_token_pico(cached);
        }
        if let Some(written) = self.get(above, Kind::CacheWritten) {
            price = price.cache_written_per_token_pico(written);
        }
        // Most models repeat the price of the output: then it follows that into a tier.
        if let Some(reasoning) = self.get(above, Kind::Reasoning).filter(|price| *price != output) {
            price = price.reasoning_per_token_pico(reasoning);
        }
        Some(price)
    }

    fn get(&self, above: u64, kind: Kind) -> Option<u64> {
        Some(self.0.get(&above)?.get(&kind)?.picos)
    }
}

impl TierList {
    pub(super) fn read(list: &RawValue) -> Result<Self, String> {
        let wrong = || "`tiered_pricing` is not a list of prices with a `range`".to_owned();
        let entries: Vec<Object<'_>> = serde_json::from_str(list.get()).map_err(|_| wrong())?;
        let mut read = Self::default();
        for tier in entries {
            let Some(range) = tier.get("range") else {
                read.other_units = true;
                continue;
            };
            let (from, _): (f64, Option<f64>) =
                serde_json::from_str(range.get()).map_err(|_| wrong())?;
            let above = tokens(from).ok_or_else(wrong)?;
            for (name, value) in tier.iter().filter(|(_, value)| value.get() != "null") {
                if let Some((kind, 0)) = field(name) {
                    read.tiers.push((above, kind, read_price(name, value)?));
                }
            }
        }
        Ok(read)
    }

    pub(super) fn is_of_other_units(&self) -> bool {
        self.other_units
    }

    pub(super) fn fill(self, fields: &mut Fields) {
        self.tiers.into_iter().for_each(|(above, kind, price)| fields.set(above, kind, price));
    }
}

/// A number of tokens, which the file writes as a float.
fn tokens(number: f64) -> Option<u64> {
    /// Up to here floats are exact.
    const MOST: f64 = 9_007_199_254_740_992.0;
    let whole = number.fract() == 0.0 && (0.0..=MOST).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    whole.then_some(number as u64)
}

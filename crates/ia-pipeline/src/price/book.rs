//! Prices by model.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::load_report::{LoadReport, PriceBookError};
use super::{Price, litellm, sample};

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
    report: Option<Arc<LoadReport>>,
}

impl PriceBook {
    /// A book without prices: every call is unpriced. `source` says where the prices that are added come from, and of
    /// which date they are.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self { prices: Arc::default(), source: source.into(), report: None }
    }

    /// The small sample that is built in: see [`source`](Self::source) for where it comes from and how old it is. Base
    /// prices only, without tiers. Prices change; use your own book where money matters.
    #[must_use]
    pub fn sample() -> Self {
        let prices =
            sample::PRICES.iter().map(|(model, price)| ((*model).to_owned(), price.clone()));
        Self { prices: Arc::new(prices.collect()), ..Self::new(sample::SOURCE) }
    }

    /// The prices of a text in the format of LiteLLM's `model_prices_and_context_window.json`.
    ///
    /// Read are the prices per token of input, output, cache reads, cache writes and reasoning, and their tiers
    /// (`…_above_200k_tokens` with any number, and `tiered_pricing`). Prices of other units and of service tiers are
    /// not used, and models that have no others are left out, also where the file says 0 per token beside a price per
    /// query or image. Decimals are read as they are written, never as floats, to the nearest trillionth of a dollar,
    /// half up.
    ///
    /// A malformed entry, with a price that is negative, a text, too small or too large, is refused as a whole, and the
    /// rest is kept: calls of its model are then unpriced, which is never taken for free. Look at
    /// [`load_report`](Self::load_report) for what was refused and left out.
    ///
    /// ```
    /// use ia_pipeline::{PriceBook, Usage, usd};
    ///
    /// let book = PriceBook::from_litellm(
    ///     r#"{ "some-model": { "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07, "mode": "chat" } }"#,
    /// )?.with_source("our prices of 2026-11-23");
    /// assert_eq!(book.get("some-model").map(|price| price.of(Usage::tokens(1_000_000, 0))), Some(usd("0.15")));
    /// # Ok::<(), ia_pipeline::PriceBookError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PriceBookError::Json`] where the text is not an object in JSON, which has no NaN; [`PriceBookError::NoPrices`]
    /// where it has no price per token at all.
    pub fn from_litellm(json: &str) -> Result<Self, PriceBookError> {
        let (prices, report) = litellm::read(json)?;
        let book = Self::new("a price file of LiteLLM's format");
        Ok(Self { prices: Arc::new(prices), report: Some(Arc::new(report)), ..book })
    }

    /// As [`from_litellm`](Self::from_litellm), from a file, whose path is the source. The file is read while this
    /// waits.
    ///
    /// # Errors
    ///
    /// [`PriceBookError::Read`] where the file cannot be read as text, and those of
    /// [`from_litellm`](Self::from_litellm).
    pub fn from_litellm_file(path: impl AsRef<Path>) -> Result<Self, PriceBookError> {
        let path = path.as_ref();
        let json = std::fs::read_to_string(path)
            .map_err(|error| PriceBookError::Read { path: path.to_owned(), error })?;
        Ok(Self::from_litellm(&json)?.with_source(path.display().to_string()))
    }

    /// Adds or replaces the price of a model.
    #[must_use]
    pub fn with(mut self, model: impl Into<String>, price: Price) -> Self {
        Arc::make_mut(&mut self.prices).insert(model.into(), price);
        self
    }

    /// Says where the prices come from; name their date too, as a file does not. Defaults to what the book was made
    /// from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into().into();
        self
    }

    /// The price of a model, by its exact name.
    #[must_use]
    pub fn get(&self, model: &str) -> Option<&Price> {
        self.prices.get(model)
    }

    /// Where the prices come from and of which date they are: written as `price_source` beside each cost on a span.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What was found where the book was loaded; `None` where it was not.
    #[must_use]
    pub fn load_report(&self) -> Option<&LoadReport> {
        self.report.as_deref()
    }

    /// Why a model has no price, where its entry was refused.
    pub(crate) fn refusal(&self, model: &str) -> Option<&str> {
        let refused = &self.report.as_deref()?.refused;
        Some(refused.iter().find(|refused| refused.model() == model)?.reason())
    }
}

impl Default for PriceBook {
    /// The built-in [`sample`](Self::sample).
    fn default() -> Self {
        Self::sample()
    }
}

//! What a price file held, and what is wrong with it.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// What a price file held beside the prices in the book. Given by
/// [`PriceBook::load_report`](crate::PriceBook::load_report).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadReport {
    /// How many models have a price in the book.
    pub models: usize,
    /// The models whose entry is malformed: they have no price, so that calls of them are unpriced.
    pub refused: Vec<RefusedPrice>,
    /// How many models are not priced by tokens, but by image, second, page or query: they have no price either.
    pub other_units: usize,
    /// How many prices of the models in the book are not used: of other units, and of service tiers such as batch, flex
    /// or priority.
    pub unused_prices: usize,
    /// How many prices were finer than a trillionth of a dollar, and rounded to the nearest.
    pub rounded_prices: usize,
}

/// A malformed entry of a price file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPrice {
    pub(super) model: String,
    pub(super) reason: String,
}

/// A price file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum PriceBookError {
    /// The file is not JSON, or not an object of models.
    Json {
        /// The line of the mistake, counted from 1; 0 where there is none.
        line: usize,
        /// The column of the mistake, counted from 1; 0 where there is none.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// No model in the file has a price.
    NoPrices {
        /// How many entries are malformed.
        refused: usize,
        /// How many are not priced by tokens.
        other_units: usize,
    },
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl RefusedPrice {
    /// The model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// What is wrong with its entry.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for RefusedPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.model.escape_debug(), self.reason)
    }
}

impl fmt::Display for PriceBookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column, message } => write!(
                f,
                "not a price file, line {line}, column {column}: {}; give the text of LiteLLM's model_prices_and_context_window.json, or a file of its format",
                message.escape_debug()
            ),
            Self::NoPrices { refused, other_units } => write!(
                f,
                "the price file has no price per token: {refused} entries are malformed and {other_units} are priced otherwise; each model needs `input_cost_per_token` and `output_cost_per_token`"
            ),
            Self::Read { path, error } => write!(
                f,
                "the price file `{}` cannot be read: {error}; check the path and its permissions",
                path.display()
            ),
        }
    }
}

impl Error for PriceBookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { error, .. } => Some(error),
            Self::Json { .. } | Self::NoPrices { .. } => None,
        }
    }
}

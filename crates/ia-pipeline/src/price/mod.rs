//! What calls cost.

mod book;
mod decimal;
mod litellm;
mod load_report;
mod sample;
mod tier_fields;
mod token_price;
mod usage;

pub use self::book::PriceBook;
pub use self::load_report::{LoadReport, PriceBookError, RefusedPrice};
pub use self::token_price::Price;
pub use self::usage::Usage;

//! What calls cost.

mod book;
mod sample;
mod usage;

pub use self::book::{Price, PriceBook};
pub use self::usage::Usage;

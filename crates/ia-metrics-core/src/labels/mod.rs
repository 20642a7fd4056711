//! Labels: interned once as the text that exporters write, compared whole.

mod arena;
mod clip;
mod interner;
mod text;
mod texts;

pub(crate) use self::clip::{VALUE_LIMIT, clip};
pub(crate) use self::interner::{Interner, Symbol};
pub use self::text::LabelText;
pub use self::texts::LabelTexts;

//! Families: a metric and its series.

mod dynamic;
mod inner;
mod typed;

pub use self::dynamic::DynamicFamily;
pub(crate) use self::inner::{Collect, FamilyInner};
pub use self::typed::Family;

//! Families: a metric and its series.

mod collect;
mod core;
mod create;
mod dynamic;
mod idle;
mod layout;
mod owner;
mod remove;
mod sibling;
mod typed;

pub(crate) use self::collect::PartSource;
pub(crate) use self::core::FamilyCore;
pub use self::dynamic::DynamicFamily;
#[cfg(feature = "metrics")]
pub(crate) use self::dynamic::Found;
pub(crate) use self::layout::Layout;
pub(crate) use self::owner::FamilyOwner;
pub use self::typed::Family;

//! Families: a metric and its series.

mod collect;
mod core;
mod create;
mod dynamic;
mod idle;
mod layout;
mod owner;
mod remove;
mod typed;

pub(crate) use self::core::FamilyCore;
pub use self::dynamic::DynamicFamily;
pub(crate) use self::layout::Layout;
pub(crate) use self::owner::FamilyOwner;
pub use self::typed::Family;

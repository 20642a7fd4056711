//! Families: a metric and its series.

mod closed;
mod closed_labels;
mod collect;
mod core;
mod create;
mod dynamic;
mod exemplars;
mod idle;
mod layout;
mod owner;
mod remove;
mod sibling;
mod typed;

pub use self::closed::ClosedFamily;
pub use self::closed_labels::{LabelSet, LabelValue};
pub(crate) use self::collect::PartSource;
pub(crate) use self::core::FamilyCore;
pub use self::dynamic::DynamicFamily;
#[cfg(feature = "metrics")]
pub(crate) use self::dynamic::Found;
pub(crate) use self::layout::Layout;
pub(crate) use self::owner::FamilyOwner;
pub use self::typed::Family;

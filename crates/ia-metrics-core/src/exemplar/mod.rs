//! Exemplars: recorded values that point to the span in which they were recorded.

mod id;
mod kept;
mod point;
mod recent;
mod source;
mod store;

pub use self::id::{ExemplarSpan, HexId};
pub use self::point::Exemplar;
pub(crate) use self::source::ExemplarSource;
pub use self::source::ExemplarSourceAlreadySet;
pub(crate) use self::store::Exemplars;

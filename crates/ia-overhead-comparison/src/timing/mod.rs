//! How things are timed.

mod gate;
mod limits;
mod turns;

pub(crate) use self::limits::Limits;
pub(crate) use self::turns::{Turn, turns};

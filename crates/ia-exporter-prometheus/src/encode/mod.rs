//! The text exposition format, version 0.0.4.
//!
//! Source: Prometheus documentation, "Exposition formats", "Text format details".

mod block;
mod escape;
mod name;
mod number;
mod target;
mod text;

pub(crate) use self::block::Block;
pub(crate) use self::text::{Current, Encoder};

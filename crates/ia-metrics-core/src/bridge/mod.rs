//! From the `metrics` crate's macros into a registry.
//!
//! The way of a key: the thread's own slots ([`local`]), the recorder's table of keys ([`keys`]), and for a key that is
//! new, or that belongs to an overflow series, names, labels and family ([`metric_names`]).

mod builder;
mod export;
mod handles;
mod keys;
mod labels;
mod local;
mod metric_names;
mod names;
mod recorder;
mod stats;
mod units;

pub use self::builder::RecorderBuilder;
pub use self::recorder::Recorder;
pub use self::stats::RecorderStats;

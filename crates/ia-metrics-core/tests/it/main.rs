//! Integration tests of the metric core.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that unwraps or panics fails where it should"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks are small and positive"
)]

#[cfg(feature = "metrics")]
mod bridge;
mod callbacks;
mod cardinality;
mod clock;
mod clockwork;
mod closed;
mod counter;
mod dynamic;
mod ending;
mod exemplars;
mod extensions;
mod gauge;
mod histogram;
mod idle;
mod model;
mod names;
mod panics;
#[cfg(feature = "process")]
mod process;
mod registry;
mod snapshot;
mod stress;
mod summary;

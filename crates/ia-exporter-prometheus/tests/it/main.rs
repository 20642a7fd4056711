//! Integration tests of the Prometheus exporter.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that unwraps or panics fails where it should"
)]

mod config;
mod golden;
mod parser;
mod render;
mod round_trip;

#[cfg(feature = "serve")]
#[path = "../../../ia-export/tests/it/client.rs"]
mod client;
#[cfg(feature = "serve")]
mod serve;

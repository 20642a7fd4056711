//! Integration tests of the facade.
#![cfg(all(feature = "pipeline", feature = "prometheus"))]
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod builder;
mod exemplars;
mod global;
mod guides;
mod http;
mod isolated;

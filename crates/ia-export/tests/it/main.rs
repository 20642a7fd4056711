//! Integration tests of what leaves the process.
#![cfg_attr(
    feature = "serve",
    expect(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test that unwraps or panics fails where it should"
    )
)]

mod ledger;
mod report;

#[cfg(feature = "serve")]
mod bind;
#[cfg(feature = "serve")]
mod client;
#[cfg(feature = "serve")]
mod host;
#[cfg(feature = "serve")]
mod limits;
#[cfg(feature = "serve")]
mod requests;
#[cfg(feature = "serve")]
mod shutdown;

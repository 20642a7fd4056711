//! Integration tests of the pipelines.
#![expect(clippy::float_cmp, reason = "counts are whole numbers, and sums of money are exact")]
#![expect(clippy::items_after_statements, reason = "a step stands in the test that it is made for")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that unwraps or panics fails where it should"
)]

mod adversity;
mod attribution;
mod build_errors;
mod cancellation;
mod concurrency;
mod data;
mod details;
mod durations;
mod error_types;
mod flows;
mod joins;
mod limits;
mod misbehaviour;
mod money;
mod outcomes;
mod panics;
mod policies;
mod probe;
mod random_flows;
mod random_loops;
mod random_spec;
mod random_subject;
mod rounds;
mod telemetry;

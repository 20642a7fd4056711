//! Integration tests of the pipelines.
#![expect(clippy::float_cmp, reason = "counts are whole numbers, and sums of money are exact")]
#![expect(clippy::items_after_statements, reason = "a step stands in the test that it is made for")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that unwraps or panics fails where it should"
)]

mod adversity;
mod build_errors;
mod cancellation;
mod checkpoint_files;
mod checkpoints;
mod concurrency;
mod data;
mod details;
mod drawings;
mod durations;
mod error_types;
mod file_broken;
mod file_flows;
mod file_mutations;
mod file_operators;
mod file_schema;
mod file_semantics;
mod file_steps;
#[cfg(feature = "yaml")]
mod file_yaml;
mod flows;
mod joins;
mod limits;
mod misbehaviour;
mod money;
mod outcomes;
mod panics;
mod pauses;
mod policies;
mod probe;
mod random_flows;
mod random_loops;
mod random_resumes;
mod random_spec;
mod random_subject;
mod rounds;
mod telemetry;

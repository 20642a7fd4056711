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
mod breaker_model;
mod breakers;
mod budget_probe;
mod budget_races;
mod budget_reactions;
mod budget_stops;
mod budgets;
mod build_errors;
mod cancellation;
mod checkpoint_files;
mod checkpoint_flows;
mod checkpoint_probe;
mod checkpoint_stores;
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
mod outcome_details;
mod outcome_drops;
mod outcome_rows;
mod outcome_table;
mod panics;
mod pauses;
mod policies;
mod policy_errors;
mod price_files;
mod probe;
mod random_budgets;
mod random_flows;
mod random_loops;
mod random_prices;
mod random_resumes;
mod random_spec;
mod random_streams;
mod random_subject;
mod rate_limits;
mod retries;
mod rounds;
mod shared_budgets;
mod spawned_tasks;
mod step_limits;
mod stream_build_errors;
mod stream_checkpoints;
mod stream_ends;
mod stream_flows;
mod stream_outcomes;
mod stream_permits;
mod stream_telemetry;
mod streams;
mod telemetry;

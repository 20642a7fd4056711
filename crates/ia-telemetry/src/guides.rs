//! The guides. Their code is compiled and run with the tests.

/// The API by task: record, look, name, test, switch off.
#[cfg(all(feature = "pipeline", feature = "prometheus"))]
#[doc = include_str!("../docs/telemetry.md")]
pub mod telemetry {}

/// Pipelines beyond a chain: flows, policies, streams, budgets, checkpoints, files.
#[cfg(all(feature = "pipeline", feature = "prometheus"))]
#[doc = include_str!("../docs/pipelines.md")]
pub mod pipelines {}

/// From a program that has no telemetry to one that is scraped.
#[cfg(all(feature = "pipeline", feature = "prometheus"))]
#[doc = include_str!("../docs/integration.md")]
pub mod integration {}

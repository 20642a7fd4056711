//! Telemetry for tests: apart from everything else, with a clock that stands still.

mod clock;
mod sample;

use std::ops::Deref;

use ia_metrics_core::Registry;
use ia_tracing::Tracer;

pub use self::clock::ManualClock;
pub use self::sample::Sample;
use crate::Telemetry;

/// Telemetry with a registry, a tracer and a clock of its own.
///
/// ```
/// use ia_telemetry::prelude::*;
///
/// # async fn load(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
/// # async fn summarise(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = ia_telemetry::testing::isolated();
/// let pipeline = Pipeline::builder("rag")
///     .step("load", load)
///     .step("summarise", summarise)
///     .telemetry(&telemetry)
///     .build()?;
/// pipeline.run(1).await?;
/// assert_eq!(telemetry.value("pipeline_executions_total", [("pipeline_name", "rag"), ("status", "success")]), 1);
/// assert_eq!(telemetry.spans().tree(), "rag > load, summarise");
/// # Ok(()) }
/// ```
#[must_use]
pub fn isolated() -> Isolated {
    let clock = ManualClock::new();
    let registry = Registry::builder().clock(clock.clone()).build();
    let tracer = Tracer::builder().clock(clock.clone()).build();
    Isolated { telemetry: Telemetry::of(registry, tracer), clock }
}

/// Telemetry for one test. Made by [`isolated`].
#[derive(Clone, Debug)]
pub struct Isolated {
    telemetry: Telemetry,
    clock: ManualClock,
}

impl Isolated {
    /// The clock that its registry and its tracer read.
    #[must_use]
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// The value of the series with exactly these labels: a counter's total, a gauge's value, how many values a
    /// histogram or a summary observed. Compares with numbers of any type; a series that there is not equals none.
    #[must_use]
    pub fn value<'a>(
        &self,
        name: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Sample {
        Sample::new(self.telemetry.metrics().value(name, labels))
    }
}

impl Deref for Isolated {
    type Target = Telemetry;

    fn deref(&self) -> &Telemetry {
        &self.telemetry
    }
}

#[cfg(feature = "pipeline")]
impl From<&Isolated> for ia_pipeline::Instruments {
    fn from(isolated: &Isolated) -> Self {
        Self::from(&isolated.telemetry)
    }
}

//! Where metrics and spans go.

use ia_metrics_core::Registry;
use ia_tracing::{SimpleTracer, Tracer};

/// The registry and the tracer of a pipeline. What is not given is the global one.
///
/// ```
/// use ia_metrics_core::Registry;
/// use ia_pipeline::{Pipeline, StepContext};
///
/// # async fn load(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
/// let registry = Registry::new();
/// let pipeline = Pipeline::builder("rag").step("load", load).telemetry(registry.clone()).build()?;
/// assert_eq!(
///     registry.snapshot().value("pipeline_executions_total", [("pipeline_name", "rag"), ("status", "success")]),
///     Some(0.0),
/// );
/// # Ok::<(), ia_pipeline::BuildErrors>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Instruments {
    registry: Option<Registry>,
    tracer: Option<Tracer>,
}

impl Instruments {
    /// A registry and a tracer.
    #[must_use]
    pub fn new(registry: Registry, tracer: Tracer) -> Self {
        Self { registry: Some(registry), tracer: Some(tracer) }
    }

    pub(crate) fn overridden_by(self, other: Self) -> Self {
        Self { registry: other.registry.or(self.registry), tracer: other.tracer.or(self.tracer) }
    }

    /// What a pipeline records into: nothing that anybody sees, where its telemetry is off.
    pub(crate) fn resolve(&self, enabled: bool) -> (Registry, Tracer) {
        if !enabled {
            return (
                Registry::builder().enabled(false).build(),
                Tracer::builder().enabled(false).no_memory().build(),
            );
        }
        (
            self.registry.clone().unwrap_or_else(|| Registry::global().clone()),
            self.tracer.clone().unwrap_or_else(|| Tracer::global().clone()),
        )
    }
}

impl From<Registry> for Instruments {
    fn from(registry: Registry) -> Self {
        Self { registry: Some(registry), tracer: None }
    }
}

impl From<Tracer> for Instruments {
    fn from(tracer: Tracer) -> Self {
        Self { registry: None, tracer: Some(tracer) }
    }
}

impl From<SimpleTracer> for Instruments {
    fn from(tracer: SimpleTracer) -> Self {
        Tracer::from(tracer).into()
    }
}

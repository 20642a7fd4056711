//! Pipelines of ours: compiled out, off, on.

use ia_metrics_core::Registry;
use ia_pipeline::{Empty, Instruments, Pipeline, PipelineBuilder};
use ia_tracing::Tracer;

use crate::runner::Each;
use crate::{Job, Refused, Runner};

type Uninstrumented = ia_pipeline_uninstrumented::Pipeline<Job, Job>;

pub(super) fn compiled_out() -> Box<dyn Runner> {
    uninstrumented(&Registry::new(), &Tracer::default())
}

pub(super) fn off() -> Box<dyn Runner> {
    runner(Pipeline::builder("compared").enable_telemetry(false))
}

pub(super) fn switched_off() -> Box<dyn Runner> {
    let (registry, tracer) = (Registry::new(), Tracer::default());
    let runner = on(&registry, &tracer);
    registry.set_enabled(false);
    tracer.set_enabled(false);
    runner
}

pub(super) fn metrics() -> Box<dyn Runner> {
    on(&Registry::new(), &Tracer::builder().enabled(false).build())
}

pub(super) fn traces() -> Box<dyn Runner> {
    on(&Registry::new(), &Tracer::default())
}

fn uninstrumented(registry: &Registry, tracer: &Tracer) -> Box<dyn Runner> {
    let instruments =
        ia_pipeline_uninstrumented::Instruments::new(registry.clone(), tracer.clone());
    let builder = ia_pipeline_uninstrumented::Pipeline::builder("compared").telemetry(instruments);
    let pipeline: Uninstrumented =
        with_steps!(chain!(ia_pipeline_uninstrumented, builder, crate::subjects::functions));
    Box::new(Each::new(move |job| {
        let run = pipeline.run(job);
        async move { run.await.map(|run| run.output).map_err(|_| Refused) }
    }))
}

fn on(registry: &Registry, tracer: &Tracer) -> Box<dyn Runner> {
    let instruments = Instruments::new(registry.clone(), tracer.clone());
    runner(Pipeline::builder("compared").telemetry(instruments))
}

fn runner(builder: PipelineBuilder<Empty>) -> Box<dyn Runner> {
    let pipeline: Pipeline<Job, Job> =
        with_steps!(chain!(ia_pipeline, builder, crate::subjects::functions));
    Box::new(Each::new(move |job| {
        let run = pipeline.run(job);
        async move { run.await.map(|run| run.output).map_err(|_| Refused) }
    }))
}

#[cfg(test)]
mod tests {
    use ia_metrics_core::Registry;
    use ia_tracing::Tracer;

    use super::{on, uninstrumented};
    use crate::{Job, Runner, runtime};

    /// The runs and the executions of a step that were counted, and the spans that were kept.
    fn recorded(
        make: fn(&Registry, &Tracer) -> Box<dyn Runner>,
    ) -> (Option<f64>, Option<f64>, usize) {
        let (registry, tracer) = (Registry::new(), Tracer::default());
        let runner = make(&registry, &tracer);
        runtime().block_on(runner.runs(Job::none(), 3));
        let (pipeline, status) = (("pipeline_name", "compared"), ("status", "success"));
        let snapshot = registry.snapshot();
        (
            snapshot.value("pipeline_executions_total", [pipeline, status]),
            snapshot.value("step_executions_total", [pipeline, ("step_name", "load"), status]),
            tracer.spans().len(),
        )
    }

    #[test]
    fn what_is_compiled_in_records() {
        assert_eq!(recorded(on), (Some(3.0), Some(3.0), 33));
    }

    #[test]
    fn what_is_compiled_out_records_nothing() {
        assert_eq!(recorded(uninstrumented), (Some(0.0), Some(0.0), 0));
    }
}

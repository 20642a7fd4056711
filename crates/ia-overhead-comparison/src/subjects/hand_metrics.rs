//! Instrumented by hand with the macros of the crate `metrics`, as its documentation shows: labels where they are needed, a
//! status that is known at run time.
//!
//! The facts are those of a pipeline of ours. What it does not do: count a run that panics or is dropped.

use std::time::Instant;

use metrics::{counter, gauge, histogram};

use super::functions;
use super::recorders;
use crate::runner::Each;
use crate::{Job, Refused, Runner};

macro_rules! instrumented {
    (; $($step:ident $name:literal),*) => {
        $(
            #[expect(clippy::disallowed_methods, reason = "what people write")]
            pub(super) async fn $step(job: Job) -> Result<Job, Refused> {
                let start = Instant::now();
                let result = functions::$step(job).await;
                histogram!("step_duration_seconds", "pipeline_name" => "by_hand", "step_name" => $name)
                    .record(start.elapsed());
                let status = if result.is_ok() { "success" } else { "error" };
                counter!(
                    "step_executions_total",
                    "pipeline_name" => "by_hand", "step_name" => $name, "status" => status
                )
                .increment(1);
                result
            }
        )*

        async fn all(mut job: Job) -> Result<Job, Refused> {
            $(job = $step(job).await?;)*
            Ok(job)
        }
    };
}

with_steps!(instrumented!());

/// A run, whatever it is made of.
#[expect(clippy::disallowed_methods, reason = "what people write")]
pub(super) async fn run(work: impl Future<Output = Result<Job, Refused>>) -> Result<Job, Refused> {
    let start = Instant::now();
    gauge!("active_pipelines", "pipeline_name" => "by_hand").increment(1.0);
    let result = work.await;
    gauge!("active_pipelines", "pipeline_name" => "by_hand").decrement(1.0);
    histogram!("pipeline_duration_seconds", "pipeline_name" => "by_hand").record(start.elapsed());
    let status = if result.is_ok() { "success" } else { "error" };
    counter!("pipeline_executions_total", "pipeline_name" => "by_hand", "status" => status)
        .increment(1);
    result
}

pub(super) fn in_functions() -> Box<dyn Runner> {
    recorders::install();
    Box::new(Each { tidy: recorders::upkeep, ..Each::new(|job| run(all(job))) })
}

pub(super) fn in_pipeline() -> Box<dyn Runner> {
    recorders::install();
    let builder = ia_pipeline_uninstrumented::Pipeline::builder("by_hand").enable_telemetry(false);
    let pipeline: ia_pipeline_uninstrumented::Pipeline<Job, Job> =
        with_steps!(chain!(ia_pipeline_uninstrumented, builder, crate::subjects::hand_metrics));
    let each = Each::new(move |job| {
        let work = pipeline.run(job);
        run(async move { work.await.map(|run| run.output).map_err(|_| Refused) })
    });
    Box::new(Each { tidy: recorders::upkeep, ..each })
}

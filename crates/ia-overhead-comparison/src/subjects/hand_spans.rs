//! Instrumented by hand with the macros of `metrics` and with `#[tracing::instrument]`.

use tracing::instrument;

use super::hand_metrics;
use super::recorders;
use crate::runner::Each;
use crate::{Job, Refused, Runner};

macro_rules! instrumented {
    (; $($step:ident $name:literal),*) => {
        $(
            #[instrument(skip_all, err, fields(pipeline.name = "by_hand", step.name = $name))]
            pub(super) async fn $step(job: Job) -> Result<Job, Refused> {
                hand_metrics::$step(job).await
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
#[instrument(name = "by_hand", skip_all, err, fields(pipeline.name = "by_hand", pipeline.run_id = fastrand::u64(..)))]
async fn run(work: impl Future<Output = Result<Job, Refused>>) -> Result<Job, Refused> {
    hand_metrics::run(work).await
}

pub(super) fn bare_in_functions() -> Box<dyn Runner> {
    in_functions(recorders::record_no_spans)
}

pub(super) fn exported_in_functions() -> Box<dyn Runner> {
    in_functions(recorders::record_spans)
}

pub(super) fn bare_in_pipeline() -> Box<dyn Runner> {
    in_pipeline(recorders::record_no_spans)
}

pub(super) fn exported_in_pipeline() -> Box<dyn Runner> {
    in_pipeline(recorders::record_spans)
}

fn in_functions(prepare: fn()) -> Box<dyn Runner> {
    recorders::install();
    let each = Each::new(|job| run(all(job)));
    Box::new(Each { prepare, tidy: recorders::upkeep, ..each })
}

fn in_pipeline(prepare: fn()) -> Box<dyn Runner> {
    recorders::install();
    let builder = ia_pipeline_uninstrumented::Pipeline::builder("by_hand").enable_telemetry(false);
    let pipeline: ia_pipeline_uninstrumented::Pipeline<Job, Job> =
        with_steps!(chain!(ia_pipeline_uninstrumented, builder, crate::subjects::hand_spans));
    let each = Each::new(move |job| {
        let work = pipeline.run(job);
        run(async move { work.await.map(|run| run.output).map_err(|_| Refused) })
    });
    Box::new(Each { prepare, tidy: recorders::upkeep, ..each })
}

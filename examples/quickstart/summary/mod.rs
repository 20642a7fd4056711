//! What the pipelines measured: read from a snapshot of the metrics, which is also what `/metrics` shows.

mod json;
mod table;

use std::path::{Path, PathBuf};

use ia_telemetry::metrics::{FamilySnapshot, HistogramPoint};
use ia_telemetry::pipeline::catalogue::{
    API_CALLS, API_TOKENS, ITEMS_PROCESSED, PIPELINE_COST, PIPELINE_DURATION, PIPELINE_EXECUTIONS,
    STEP_DURATION, STEP_ERRORS,
};
use ia_telemetry::prelude::*;

use crate::Outcome;
use crate::document::MODEL;
use crate::format;
use crate::index::Report;
use crate::pipeline::Quickstart;

/// What must be said wherever calls and cost are shown.
pub(crate) const ESTIMATED: &str = "estimated, nothing was sent";

/// All the figures, of all runs since the start.
pub(crate) struct Summary<'a> {
    folder: &'a Path,
    url: Option<String>,
    /// What the prices are and of when.
    prices: String,
    runs: Runs,
    files: Runs,
    pipelines: Vec<Timing>,
    seconds: f64,
    chunks: f64,
    tokens: f64,
    api_calls: f64,
    cost_usd: f64,
    errors: Vec<Failure>,
    index: Option<&'a Report>,
}

/// How often a pipeline ran, by how it ended.
struct Runs {
    ok: f64,
    failed: f64,
    cancelled: f64,
}

/// How long a pipeline or a step took.
struct Timing {
    name: String,
    runs: f64,
    errors: f64,
    seconds: f64,
    mean: Option<f64>,
    p95: Option<f64>,
    /// The end of the finest bucket: shorter times cannot be told apart.
    finest: f64,
    steps: Vec<Self>,
}

/// One type of error of one step.
struct Failure {
    step: String,
    error_type: String,
    count: f64,
    example: Option<PathBuf>,
}

impl<'a> Summary<'a> {
    pub(crate) fn new(
        metrics: &Snapshot,
        quickstart: &Quickstart,
        folder: &'a Path,
        outcome: &'a Outcome,
        url: Option<String>,
    ) -> Self {
        let (outer, inner) = (&quickstart.pipeline, &quickstart.document);
        let of_documents = |metric: &str| metrics.sum(metric, [("pipeline_name", inner.name())]);
        let outer_timing = Timing::of_pipeline(metrics, outer.name(), outer.steps());
        Self {
            folder,
            url,
            prices: quickstart.prices.source().to_owned(),
            runs: Runs::of(metrics, outer.name()),
            files: Runs::of(metrics, inner.name()),
            seconds: outer_timing.seconds,
            pipelines: vec![
                outer_timing,
                Timing::of_pipeline(metrics, inner.name(), inner.steps()),
            ],
            chunks: of_documents(ITEMS_PROCESSED.name()),
            tokens: of_documents(API_TOKENS.name()),
            api_calls: of_documents(API_CALLS.name()),
            cost_usd: of_documents(PIPELINE_COST.name()),
            errors: failures(metrics, quickstart),
            index: match outcome {
                Outcome::Finished(report) => Some(report),
                Outcome::Failed(_) | Outcome::Interrupted => None,
            },
        }
    }

    /// The most important figures in one line.
    pub(crate) fn headline(&self) -> String {
        let Runs { ok, failed, cancelled } = self.files;
        let mut parts = vec![format!("{} ok", format::counted(ok, "file"))];
        for (number, what) in [(failed, "failed"), (cancelled, "cancelled")] {
            if number > 0.0 {
                parts.push(format!("{} {what}", format::count(number)));
            }
        }
        let files = parts.join(", ");
        let time = format::duration(self.seconds);
        match self.runs.total() {
            runs if runs > 1.0 => format!("{files} in {time}, {} runs so far", format::count(runs)),
            _ => format!("{files} in {time}"),
        }
    }

    fn files_per_second(&self) -> f64 {
        per_second(self.files.total(), self.seconds)
    }

    fn tokens_per_second(&self) -> f64 {
        per_second(self.tokens, self.seconds)
    }

    /// A path as seen from the folder.
    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.folder).unwrap_or(path)
    }
}

impl Runs {
    fn of(metrics: &Snapshot, pipeline: &str) -> Self {
        let ended = |status| {
            let labels = [("pipeline_name", pipeline), ("status", status)];
            metrics.sum(PIPELINE_EXECUTIONS.name(), labels)
        };
        Self { ok: ended("success"), failed: ended("error"), cancelled: ended("cancelled") }
    }

    fn total(&self) -> f64 {
        self.ok + self.failed + self.cancelled
    }
}

impl Timing {
    fn of_pipeline<'s>(
        metrics: &Snapshot,
        pipeline: &str,
        steps: impl Iterator<Item = &'s str>,
    ) -> Self {
        let labels = [("pipeline_name", pipeline)];
        let steps = steps.map(|step| Self::of_step(metrics, pipeline, step)).collect();
        let errors = Runs::of(metrics, pipeline).failed;
        Self::new(pipeline, metrics.histogram(PIPELINE_DURATION.name(), labels), errors, steps)
    }

    fn of_step(metrics: &Snapshot, pipeline: &str, step: &str) -> Self {
        let labels = [("pipeline_name", pipeline), ("step_name", step)];
        let errors = metrics.sum(STEP_ERRORS.name(), labels);
        Self::new(step, metrics.histogram(STEP_DURATION.name(), labels), errors, Vec::new())
    }

    fn new(name: &str, times: Option<&HistogramPoint>, errors: f64, steps: Vec<Self>) -> Self {
        let runs = times.map_or(0.0, |times| times.count() as f64);
        let seconds = times.map_or(0.0, |times| times.sum().as_f64());
        // A quantile is estimated from buckets; one run alone is known exactly.
        let alone = times.filter(|times| times.count() == 1).map(|_| seconds);
        let p95 = alone.or_else(|| times?.quantile(0.95));
        let finest = times.filter(|_| alone.is_none()).and_then(|times| times.buckets().next());
        let finest = finest.map_or(0.0, |bucket| bucket.upper_bound);
        let mean = (runs > 0.0).then(|| seconds / runs);
        Self { name: name.to_owned(), runs, errors, seconds, mean, p95, finest, steps }
    }
}

/// The errors of all steps by type, the most frequent first.
fn failures(metrics: &Snapshot, quickstart: &Quickstart) -> Vec<Failure> {
    let series = metrics.family(STEP_ERRORS.name()).into_iter().flat_map(FamilySnapshot::series);
    let mut failures: Vec<Failure> = series
        .filter_map(|series| {
            let error_type = series.label("error_type")?;
            Some(Failure {
                step: series.label("step_name")?.to_owned(),
                error_type: error_type.to_owned(),
                count: series.point().as_f64(),
                example: quickstart.progress.example(error_type),
            })
        })
        .filter(|failure| failure.count > 0.0)
        .collect();
    failures.sort_by(|a, b| b.count.total_cmp(&a.count).then(a.error_type.cmp(&b.error_type)));
    failures
}

fn per_second(amount: f64, seconds: f64) -> f64 {
    if seconds > 0.0 { amount / seconds } else { 0.0 }
}

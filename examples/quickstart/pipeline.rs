//! The outer pipeline: `walk` a folder, `ingest` its files, `index` their words.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use ia_telemetry::pipeline::catalogue::{ACTIVE_PIPELINES, PIPELINE_QUEUE_DEPTH};
use ia_telemetry::prelude::*;

use crate::document::{self, Document};
use crate::index::{Index, Report};
use crate::progress::Progress;
use crate::tokenizer::Tokenizer;
use crate::walk::walk;

/// The pipelines, and what is shared with them.
pub(crate) struct Quickstart {
    /// Runs once over the folder.
    pub(crate) pipeline: Pipeline<PathBuf, Report>,
    /// Runs once for each file, inside `ingest`.
    pub(crate) document: Pipeline<PathBuf, Document>,
    pub(crate) prices: PriceBook,
    pub(crate) progress: Arc<Progress>,
}

impl Quickstart {
    pub(crate) fn new(fail_rate: f64) -> Result<Self, Box<dyn std::error::Error>> {
        let prices = PriceBook::sample();
        let document = document::pipeline(Tokenizer::load()?, prices.clone(), fail_rate, cores())?;
        let progress = Arc::new(Progress::new());
        let services =
            Services::new().insert(document.clone()).insert_shared(Arc::clone(&progress));
        let pipeline = Pipeline::builder("quickstart")
            .step("walk", walk)
            .step("ingest", ingest)
            .step("index", index)
            .services(services)
            .build()?;
        Ok(Self { pipeline, document, prices, progress })
    }

    /// Waits until no file is under way. Files of a cancelled run stop at their next `await`, and only then are they
    /// counted.
    pub(crate) async fn settle(&self, telemetry: &Telemetry, patience: Duration) {
        let label = [("pipeline_name", self.document.name())];
        let settled = async {
            let gauges = [ACTIVE_PIPELINES.name(), PIPELINE_QUEUE_DEPTH.name()];
            while gauges.iter().any(|gauge| telemetry.metrics().sum(gauge, label) > 0.0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // After that the summary is told from what there is.
        tokio::time::timeout(patience, settled).await.ok();
    }
}

/// Runs the `document` pipeline over each file. A file that fails is counted, and does not stop the others.
async fn ingest(
    ctx: StepContext,
    files: Vec<PathBuf>,
    document: Service<Pipeline<PathBuf, Document>>,
    progress: Service<Progress>,
) -> Result<Vec<Document>, StepError> {
    progress.start(files.len());
    let mut documents = Vec::with_capacity(files.len());
    // Spawned, the runs use all cores; begun inside this step, their spans are its children. Nothing beyond these is
    // begun before one ends, so memory holds the texts of a few files however large the folder is.
    let mut runs = stream::iter(files)
        .map(|file| {
            let task = ctx.spawn(document.run(file.clone()));
            async move { (file, task.await) }
        })
        .buffer_unordered(4 * cores());
    while let Some((file, ended)) = runs.next().await {
        match ended? {
            Ok(run) => documents.push(run.output),
            Err(error) => progress.failed(error.error_type(), file),
        }
        progress.advance();
    }
    Ok(documents)
}

/// Builds the term index and reports on it.
async fn index(_: StepContext, documents: Vec<Document>) -> Result<Report, StepError> {
    let mut index = Index::default();
    for document in documents {
        index.add(&document.terms);
        // Whoever else waits for this thread, Ctrl-C among them, gets a turn.
        tokio::task::yield_now().await;
    }
    Ok(index.report())
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

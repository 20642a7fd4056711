//! An instrumented pipeline over a folder of real text files: walk it, read, split into chunks, count tokens, price the
//! batches that would go to an embedding model, and build a term index.
//!
//! `cargo run --release --example quickstart -- [FOLDER]`
//!
//! Every figure it shows was recorded by the pipelines while they ran: see `summary`. Nothing is sent anywhere, so calls
//! and cost are estimates and say so.

mod args;
mod document;
mod format;
mod index;
mod pipeline;
mod progress;
mod summary;
mod tokenizer;
mod walk;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ia_telemetry::pipeline::RunErrorKind;
use ia_telemetry::prelude::*;
use ia_telemetry_examples::{Interrupt, output};

use self::args::Args;
use self::index::Report;
use self::pipeline::Quickstart;
use self::summary::Summary;

/// Between two runs of `--loop`.
const PAUSE: Duration = secs(1);
/// How long files that were under way when a run was cancelled may take to stop.
const PATIENCE: Duration = secs(2);

/// The usual code of a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: u8 = 130;
const RUN_FAILED: u8 = 1;
const CANNOT_START: u8 = 2;

/// How a run ended.
enum Outcome {
    Finished(Report),
    Failed(RunError),
    Interrupted,
}

#[tokio::main]
async fn main() -> ExitCode {
    match quickstart(&Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            output::note(format!("error: {error}"));
            CANNOT_START.into()
        }
    }
}

async fn quickstart(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let folder = args.folder()?;
    let mut interrupt = Interrupt::listen()?;
    let telemetry = install(args)?;
    for url in urls(&telemetry) {
        args.remark(format!("listening on {url}"));
    }

    let quickstart = Quickstart::new(args.fail)?;
    let mut runs_finished = 0;
    let code = loop {
        let outcome = run(&quickstart, &folder, &mut interrupt).await;
        quickstart.settle(&telemetry, PATIENCE).await;
        quickstart.progress.clear();
        let finished = matches!(outcome, Outcome::Finished(_));
        runs_finished += u32::from(finished);

        let url = urls(&telemetry).next();
        let summary = Summary::new(&telemetry.metrics(), &quickstart, &folder, &outcome, url);
        match (args.json, args.repeat) {
            (false, _) => output::say(summary.to_table(!args.once)),
            (true, true) => output::note(summary.headline()),
            (true, false) => {}
        }
        if finished && args.repeat && pause(&mut interrupt).await {
            continue;
        }
        if args.json {
            output::say(summary.to_json());
        }
        if finished && !args.repeat && !args.once {
            args.remark("serving until Ctrl-C");
            interrupt.wait().await;
        }
        break match outcome {
            Outcome::Failed(error) => {
                output::note(format!("error: {error}"));
                RUN_FAILED.into()
            }
            Outcome::Interrupted if runs_finished == 0 => INTERRUPTED.into(),
            // Ctrl-C is how a loop is meant to end.
            Outcome::Interrupted | Outcome::Finished(_) => ExitCode::SUCCESS,
        };
    };

    let report = telemetry.shutdown(secs(5));
    if !args.once {
        output::note(format!("stopped; where the spans went (memory keeps the newest):\n{report}"));
    }
    Ok(code)
}

/// Opens `/metrics` before anything runs, so that a scraper sees a run from its start.
fn install(args: &Args) -> Result<TelemetryGuard, Box<dyn Error>> {
    let mut telemetry = Telemetry::builder();
    if let Some(address) = args.listen() {
        telemetry = telemetry.prometheus(address);
    }
    telemetry.install().map_err(|error| {
        format!("{error}; for example `--listen 127.0.0.1:0`, or `--once` to open no port").into()
    })
}

fn urls(telemetry: &Telemetry) -> impl Iterator<Item = String> + use<> {
    telemetry.addresses().into_iter().map(|address| format!("http://{address}"))
}

/// Waits for the next run of a loop; false where there should be none.
async fn pause(interrupt: &mut Interrupt) -> bool {
    tokio::time::timeout(PAUSE, interrupt.wait()).await.is_err()
}

/// One run over the folder, to its end or until Ctrl-C.
async fn run(quickstart: &Quickstart, folder: &Path, interrupt: &mut Interrupt) -> Outcome {
    let mut running = quickstart.pipeline.run(folder.to_owned());
    let canceller = running.canceller();
    let result = tokio::select! {
        result = &mut running => result,
        () = interrupt.wait() => {
            canceller.cancel();
            running.await
        }
    };
    match result {
        Ok(run) => Outcome::Finished(run.output),
        Err(error) if error.kind() == RunErrorKind::Cancelled => Outcome::Interrupted,
        Err(error) => Outcome::Failed(error),
    }
}

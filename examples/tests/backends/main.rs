//! The quickstart beside a real Prometheus: it is scraped, and what Prometheus then knows is exact.
//!
//! `cargo xtask test` gets the programs and runs this.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are no tests in the eyes of clippy"
)]

mod prometheus;
#[path = "../support/mod.rs"]
mod support;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use self::prometheus::Prometheus;
use self::support::{Folder, Process, example, get};

const GOOD: usize = 12;
const BAD: usize = 2;

/// The first ten rows of the catalogue without memory and CPU.
const METRICS: [&str; 8] = [
    "pipeline_executions_total",
    "pipeline_duration_seconds",
    "active_pipelines",
    "step_duration_seconds",
    "step_errors_total",
    "items_processed_total",
    "api_calls_total",
    "pipeline_cost_usd_total",
];

#[test]
fn prometheus_has_the_exact_numbers_of_a_run() {
    let folder = Folder::new();
    for n in 0..GOOD {
        folder.file(&format!("{n}.txt"), format!("The text of file {n}.\n"));
    }
    folder.file("binary.dat", [0; 16]).file("latin1.txt", b"Gr\xfc\xdfe");
    let arguments = ["--listen", "127.0.0.1:0"];
    let mut quickstart = Process::start(example("quickstart").args(arguments).arg(folder.path()));
    let line = quickstart.line("listening on");
    let address = line.strip_prefix("listening on http://").unwrap();
    quickstart.line("serving until Ctrl-C");

    let page = get(address, "/metrics").unwrap();
    accepted_by_promtool(&page);
    for metric in METRICS {
        assert!(page.contains(&format!("\n# TYPE {metric} ")), "{metric} is missing:\n{page}");
    }

    let prometheus = Prometheus::scraping(address);
    let executions = |pipeline: &str, status: &str| {
        prometheus.value(&format!(
            "pipeline_executions_total{{pipeline_name=\"{pipeline}\",status=\"{status}\"}}"
        ))
    };
    assert_eq!(executions("document", "success"), GOOD.to_string());
    assert_eq!(executions("document", "error"), BAD.to_string());
    assert_eq!(executions("quickstart", "success"), "1");
    assert_eq!(prometheus.value("sum(active_pipelines)"), "0");
    assert_eq!(prometheus.value("step_errors_total{error_type=\"not_utf8\"}"), "1");

    quickstart.signal("TERM");
    assert_eq!(quickstart.code(), Some(0), "{quickstart}");
}

fn accepted_by_promtool(page: &str) {
    let mut promtool = Command::new(program("IA_PROMTOOL"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool: {said}{page}");
}

/// A program of a real backend.
fn program(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!(
            "{variable} is not set: run `cargo xtask test`, which gets the program and sets it"
        ),
    }
}

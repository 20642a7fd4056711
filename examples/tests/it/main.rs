//! The examples as programs: what they print, how they end, and what they make of bad input.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are no tests in the eyes of clippy"
)]

mod bad_input;
mod ending;
mod hostile;
mod json;
mod series;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;

use self::support::{Folder, Process, example};

/// The quickstart over a folder.
fn quickstart(folder: &Folder, arguments: &[&str]) -> Process {
    Process::start(example("quickstart").args(arguments).arg(folder.path()))
}

/// The summary of one run over a folder, which must succeed.
fn summary(folder: &Folder, arguments: &[&str]) -> Value {
    let mut process = quickstart(folder, &[&["--once", "--json"], arguments].concat());
    let code = process.code();
    assert_eq!(code, Some(0), "{process}");
    assert!(!process.stderr.contains("panicked"), "{process}");
    serde_json::from_str(&process.stdout).unwrap_or_else(|error| panic!("{error}: {process}"))
}

/// The address of the line `listening on http://ADDR`.
fn address(process: &mut Process) -> String {
    let line = process.line("listening on");
    line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}")).to_owned()
}

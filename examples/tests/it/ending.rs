//! How the quickstart ends: by itself, or when it is told to.

use std::net::TcpListener;

use serde_json::Value;

use super::support::{example, get};
use super::{Folder, address, quickstart};

/// So much text that a run takes seconds.
fn much() -> Folder {
    let (folder, text) =
        (Folder::new(), "Some words to count, and then 1,234 more.\n".repeat(40_000));
    for n in 0..40 {
        folder.file(&format!("{n}.txt"), &text);
    }
    folder
}

fn is_free(address: &str) -> bool {
    TcpListener::bind(address).is_ok()
}

#[test]
fn serves_after_the_run_until_it_is_told_to_stop() {
    let folder = Folder::new();
    folder.file("a.txt", "a text");
    let mut process = quickstart(&folder, &["--listen", "127.0.0.1:0"]);
    let address = address(&mut process);
    process.line("serving until Ctrl-C");
    let page = get(&address, "/metrics").unwrap();
    let success = "pipeline_executions_total{pipeline_name=\"quickstart\",status=\"success\"} 1";
    assert!(page.contains(success), "{page}");
    assert!(process.stdout.contains("estimated, nothing was sent"), "{process}");

    process.signal("TERM");
    assert_eq!(process.code(), Some(0), "{process}");
    assert!(is_free(&address));
}

#[test]
fn an_interrupted_run_says_what_was_done() {
    let folder = much();
    let mut process = quickstart(&folder, &["--json", "--listen", "127.0.0.1:0"]);
    let address = address(&mut process);
    // The endpoint is open from the start of the run.
    get(&address, "/metrics").unwrap();
    process.signal("INT");
    assert_eq!(process.code(), Some(130), "{process}");
    assert!(is_free(&address));

    let summary: Value = serde_json::from_str(&process.stdout).unwrap();
    assert_eq!(summary["interrupted"], true);
    assert_eq!(summary["runs"]["cancelled"], 1);
    assert!(!process.stderr.contains("panicked"), "{process}");
}

#[test]
fn a_loop_runs_until_it_is_told_to_stop() {
    let folder = Folder::new();
    folder.file("a.txt", "a text");
    let mut process = quickstart(&folder, &["--loop", "--listen", "127.0.0.1:0"]);
    process.line("1 file ok in");
    process.line("2 runs so far");
    process.signal("INT");
    assert_eq!(process.code(), Some(0), "{process}");
}

#[test]
fn a_loop_prints_one_document() {
    let folder = Folder::new();
    folder.file("a.txt", "a text");
    let mut process = quickstart(&folder, &["--loop", "--json", "--listen", "127.0.0.1:0"]);
    process.line("2 runs so far");
    process.signal("TERM");
    assert_eq!(process.code(), Some(0), "{process}");
    let summary: Value = serde_json::from_str(&process.stdout).unwrap();
    assert!(summary["runs"]["ok"].as_u64() >= Some(2), "{summary}");
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let folder = Folder::new();
    folder.file("a.txt", "a text");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut quickstart = example("quickstart");
    let output = quickstart.arg("--once").arg(folder.path()).stdout(writer).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*said), (Some(0), ""));
}

//! `--json`: figures that are right, and nothing else on standard output.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::{Folder, quickstart, summary};

#[test]
fn is_one_document_with_exact_figures() {
    let folder = Folder::new();
    // `hello`, ` world` and the end of the line: three tokens.
    folder.file("a.txt", "hello world\n").file("sub/b.md", "Hello, HELLO\n").file("empty.txt", "");
    let summary = summary(&folder, &[]);

    assert_eq!(summary["files"], json!({ "ok": 3, "failed": 0, "cancelled": 0 }));
    assert_eq!(summary["items"], 2);
    assert_eq!(summary["api_calls"], 2, "an empty file has nothing to send");
    assert_eq!(summary["tokens"], 3 + 5);
    // 20 billionths of a dollar for a token.
    assert_eq!(summary["cost_usd"], 8.0 * 20e-9);
    assert!(summary["note"].as_str().unwrap().contains("estimated, nothing was sent"));
    assert_eq!(summary["index"]["distinct_terms"], 2);
    let hello = json!({ "term": "hello", "documents": 2, "occurrences": 3 });
    assert_eq!(summary["index"]["top"][0], hello);
    assert_eq!(summary["errors"], json!([]));
    let steps = |pipeline: &Value| -> Vec<(String, u64)> {
        let steps = pipeline["steps"].as_array().unwrap().iter();
        steps
            .map(|step| (step["name"].as_str().unwrap().to_owned(), step["runs"].as_u64().unwrap()))
            .collect()
    };
    let named = |name: &str, runs| (name.to_owned(), runs);
    assert_eq!(
        steps(&summary["pipelines"][0]),
        [named("walk", 1), named("ingest", 1), named("index", 1)]
    );
    assert_eq!(
        steps(&summary["pipelines"][1]),
        ["read", "split", "count_tokens", "embed"].map(|step| named(step, 3))
    );
}

#[test]
fn opens_no_port_unless_asked() {
    let folder = Folder::new();
    folder.file("a.txt", "a text");
    // Whether this gets the port or somebody else has it: it is not free.
    let _taken = TcpListener::bind("127.0.0.1:9464");
    assert_eq!(summary(&folder, &[])["url"], Value::Null);
    let listening = summary(&folder, &["--listen", "127.0.0.1:0"]);
    assert!(listening["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
}

#[test]
fn sends_everything_else_to_standard_error() {
    let folder = Folder::new();
    folder.file("a.txt", "a text");
    let mut process = quickstart(&folder, &["--json", "--listen", "127.0.0.1:0"]);
    process.line("serving until Ctrl-C");
    process.signal("TERM");
    assert_eq!(process.code(), Some(0), "{process}");
    assert!(serde_json::from_str::<Value>(&process.stdout).is_ok(), "{process}");
    assert!(process.stderr.contains("listening on http://127.0.0.1:"), "{process}");
}

#[test]
fn an_empty_folder_is_all_zeros() {
    let folder = Folder::new();
    let summary = summary(&folder, &[]);
    assert_eq!(summary["files"], json!({ "ok": 0, "failed": 0, "cancelled": 0 }));
    assert_eq!(summary["runs"], json!({ "ok": 1, "failed": 0, "cancelled": 0 }));
    for zero in ["items", "tokens", "api_calls"] {
        assert_eq!(summary[zero], 0, "{zero}");
    }
    assert_eq!(summary["cost_usd"], 0.0);
    assert_eq!(summary["index"]["distinct_terms"], 0);

    let mut process = quickstart(&folder, &["--once"]);
    assert_eq!(process.code(), Some(0), "{process}");
    assert!(process.stdout.contains("tokens       0 for"), "{process}");
}

#[test]
fn failures_on_request_are_counted_and_do_not_stop_the_run() {
    let folder = Folder::new();
    folder.file("a.txt", "a text").file("b.txt", "a text").file("c.txt", "a text");
    let summary = summary(&folder, &["--fail", "1"]);
    assert_eq!(summary["files"], json!({ "ok": 0, "failed": 3, "cancelled": 0 }));
    let injected =
        json!({ "step": "embed", "error_type": "injected", "count": 3, "example": "a.txt" });
    assert_eq!(summary["errors"], json!([injected]));
    assert_eq!(summary["api_calls"], 0);
}

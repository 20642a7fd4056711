//! Folders that hold more than text files with nice names.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use serde_json::json;

use super::{Folder, quickstart, summary};

#[test]
fn what_is_not_text_fails_by_name_and_what_is_not_a_file_is_left_out() {
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name);
    folder
        .file("good.txt", "text")
        .file(".hidden/also good.md", "text")
        .file("grüße 🎉.txt", "text")
        .file("new\nline \"quoted\" \u{1b}[31m.txt", "text")
        .file(&"n".repeat(200), "text")
        .file("no ending", "text");
    folder.file("image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").file("utf16.txt", b"\xff\xfeh\0i\0");
    folder.file("latin1.txt", b"Gr\xfc\xdfe");
    File::create(path("large.txt")).unwrap().set_len(100 << 20).unwrap();
    folder.file(".gitignore", "ignored\n").file("ignored/a.txt", "text").file(".git/b.txt", "text");
    fs::create_dir(path("empty")).unwrap();
    symlink("..", path("empty/loop")).unwrap();
    symlink("/no/such/file", path("dangling")).unwrap();
    symlink("good.txt", path("link.txt")).unwrap();
    let _socket = UnixListener::bind(path("socket")).unwrap();
    // Whoever opens it waits for a writer, for ever.
    assert!(Command::new("mkfifo").arg(path("fifo")).status().unwrap().success());

    let summary = summary(&folder, &[]);
    assert_eq!(summary["files"], json!({ "ok": 7, "failed": 4, "cancelled": 0 }));
    let errors = summary["errors"].as_array().unwrap().iter();
    let errors: BTreeMap<&str, (u64, &str)> = errors
        .map(|error| {
            let example = error["example"].as_str().unwrap();
            (error["error_type"].as_str().unwrap(), (error["count"].as_u64().unwrap(), example))
        })
        .collect();
    let expected = [
        ("binary", (2, "image.png")),
        ("not_utf8", (1, "latin1.txt")),
        ("too_large", (1, "large.txt")),
    ];
    assert_eq!(errors, expected.into());
}

#[test]
fn text_that_tokenizers_fear_does_no_harm() {
    let folder = Folder::new();
    folder
        .file("one word.txt", "a".repeat(2 << 20))
        .file("spaces.txt", " ".repeat(1 << 20))
        .file("lines.txt", "\n".repeat(1 << 20))
        .file("emoji.txt", "👩‍👩‍👧‍👦".repeat(10_000))
        .file("special.txt", "<|endoftext|>".repeat(1_000));
    let summary = summary(&folder, &[]);
    assert_eq!(summary["files"], json!({ "ok": 5, "failed": 0, "cancelled": 0 }));
}

#[test]
fn the_table_shows_hostile_names_in_one_line() {
    let folder = Folder::new();
    folder.file("new\nline \u{1b}[31m \u{202e}.txt", b"\xff");
    let mut process = quickstart(&folder, &["--once"]);
    assert_eq!(process.code(), Some(0), "{process}");
    let shown = r"new\nline \u{1b}[31m \u{202e}.txt";
    assert!(process.stdout.contains(shown), "{process}");
    assert!(!process.stdout.contains('\u{1b}'), "{process}");
}

//! What a person gets wrong: each a message that names the remedy, and no panic.

use std::net::TcpListener;
use std::process::Command;

use super::{Folder, Process, example};

/// The exit code must be 2, and standard error say all of this.
fn refuses(command: &mut Command, says: &[&str]) {
    let mut process = Process::start(command);
    let code = process.code();
    assert_eq!(code, Some(2), "{process}");
    assert_eq!(process.stdout, "", "{process}");
    for text in says {
        assert!(process.stderr.contains(text), "no {text:?} in {process}");
    }
    for debug in ["panicked", "Some(", "Error {", "Os {"] {
        assert!(!process.stderr.contains(debug), "{debug:?} in {process}");
    }
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (folder, address) = (Folder::new(), taken.local_addr().unwrap().to_string());
    let mut quickstart = example("quickstart");
    let says = [&address, "in use", "--listen 127.0.0.1:0"];
    refuses(quickstart.arg(folder.path()).args(["--once", "--listen", &address]), &says);
    refuses(example("series").args(["--listen", &address]), &says);
}

#[test]
fn an_address_that_is_none() {
    let folder = Folder::new();
    let mut quickstart = example("quickstart");
    let says = ["error: ", "127.0.0.1:9464"];
    refuses(quickstart.arg(folder.path()).args(["--listen", "nonsense"]), &says);
}

#[test]
fn a_folder_that_is_not_there() {
    let says = ["error: ", "no folder /no/such/folder", "check the spelling"];
    refuses(example("quickstart").args(["--once", "/no/such/folder"]), &says);
}

#[test]
fn a_folder_that_is_a_file() {
    let folder = Folder::new();
    let file = folder.file("a.txt", "").path().join("a.txt");
    refuses(example("quickstart").arg("--once").arg(file), &["not a folder", "name the folder"]);
}

#[test]
fn options_that_make_no_sense() {
    for rate in ["2", "-1", "NaN", "often"] {
        let says = ["--fail", "from 0 (never) to 1 (always)"];
        refuses(example("quickstart").args(["--once", &format!("--fail={rate}")]), &says);
    }
    refuses(example("quickstart").args(["--once", "--loop"]), &["--once", "--loop"]);
    refuses(example("series").args(["--series", "many"]), &["--series"]);
}

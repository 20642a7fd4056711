//! `cargo xtask bench instructions`: instructions per operation, counted by callgrind.
//!
//! A count does not depend on the machine's load, so it shows a change of one instruction where a time would not. What it
//! does not show is what the instructions wait for.

use std::{path::Path, process::Command};

use super::PROFILE;
use crate::{
    failure::{Failure, Result},
    steps::Steps,
    workspace::Workspace,
};

/// The operations that the program knows: `crates/ia-metrics-core/benches/instructions.rs`. The loop around them is part
/// of each, and all that the first one has.
const OPERATIONS: &[&str] = &["nothing", "counter", "histogram", "labels"];
/// A run with as many and one with twice as many differ in nothing else.
const TURNS: u64 = 100_000;

pub(crate) fn run(workspace: &Workspace, steps: &mut Steps) {
    if steps.attempt("valgrind", valgrind).is_none() {
        return;
    }
    let arguments =
        ["--package", "ia-metrics-core", "--bench", "instructions", "--profile", PROFILE];
    let built = steps.check("build", || workspace.build(&arguments, "instructions"));
    let Some(program) = built else { return };
    for operation in OPERATIONS {
        steps.check(operation, || {
            let once = count(&program, operation, TURNS)?;
            let twice = count(&program, operation, 2 * TURNS)?;
            let each = twice.saturating_sub(once) as f64 / TURNS as f64;
            println!("{operation}: {each:.2} instructions per operation");
            Ok(())
        });
    }
}

fn valgrind() -> Result<()> {
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => {
            println!("{}", String::from_utf8_lossy(&output.stdout).trim());
            Ok(())
        }
        _ => Err(Failure::new("there is no valgrind", "install the package `valgrind`")),
    }
}

/// The instructions of a whole run.
fn count(program: &Path, operation: &str, turns: u64) -> Result<u64> {
    let mut callgrind = Command::new("valgrind");
    callgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    callgrind.arg(program).args([operation, &turns.to_string()]);
    let output = callgrind
        .output()
        .map_err(|error| Failure::new(format!("valgrind does not start: {error}"), "install it"))?;
    if !output.status.success() {
        let remedy = "run it by hand and read what it says";
        return Err(Failure::of_program("valgrind", &output, remedy));
    }
    collected(&String::from_utf8_lossy(&output.stderr)).ok_or_else(|| {
        Failure::new("callgrind did not say what it counted", "compare its output with `collected`")
    })
}

/// The number in `==123== Collected : 456`.
fn collected(output: &str) -> Option<u64> {
    let (_, number) = output.lines().find_map(|line| line.split_once("Collected : "))?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::collected;

    #[test]
    fn the_count_is_read_from_callgrinds_summary() {
        let output = "==7== \n==7== Events    : Ir\n==7== Collected : 1234567\n==7== \n";
        assert_eq!(collected(output), Some(1_234_567));
        assert_eq!(collected("==7== no summary"), None);
    }
}

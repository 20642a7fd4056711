//! What is counted instead of timed: allocations and instructions of a step that does nothing.
//!
//! A count does not depend on the machine's load. Both are taken in processes of their own: one with an allocator that
//! counts, the other under callgrind.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

use ia_overhead_comparison::{STEPS, Subject};
use serde_json::Value;

/// Runs that are counted.
const RUNS: u32 = 500;

/// The counts of one subject, per step.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) subject: &'static Subject,
    pub(crate) allocations: Option<f64>,
    pub(crate) bytes: Option<f64>,
    /// Nothing where there is no valgrind.
    pub(crate) instructions: Option<f64>,
}

pub(crate) fn count(subjects: &[&'static Subject]) -> Vec<Counts> {
    let allocated = allocated();
    let of =
        |subject: &Subject, key: &str| allocated.as_ref()?.get(subject.name)?.get(key)?.as_f64();
    subjects
        .iter()
        .map(|subject| Counts {
            subject,
            allocations: of(subject, "allocations"),
            bytes: of(subject, "bytes"),
            instructions: instructions(subject),
        })
        .collect()
}

/// What the program with the counting allocator says.
fn allocated() -> Option<Value> {
    let output = output(Command::new(beside("ia-overhead-allocations")?))?;
    serde_json::from_slice(&output.stdout).ok()
}

/// Of the runs alone: what a process does before is not the same each time, as some libraries time their clocks.
fn instructions(subject: &Subject) -> Option<f64> {
    let mut callgrind = Command::new("valgrind");
    callgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    callgrind.args(["--collect-atstart=no", "--toggle-collect=ia_overhead_comparison::counted"]);
    callgrind.arg(env::current_exe().ok()?);
    callgrind.args(["--subject", subject.name, "--runs", &RUNS.to_string()]);
    let collected = summary(&String::from_utf8_lossy(&output(callgrind)?.stderr))?;
    Some(collected as f64 / f64::from(RUNS * STEPS))
}

/// The number in `==123== Collected : 456`.
fn summary(text: &str) -> Option<u64> {
    let (_, number) = text.lines().find_map(|line| line.split_once("Collected : "))?;
    number.trim().parse().ok()
}

/// The program of this name, built along with this one.
fn beside(name: &str) -> Option<PathBuf> {
    Some(env::current_exe().ok()?.with_file_name(name).with_extension(env::consts::EXE_EXTENSION))
}

/// The output of a program that succeeded; otherwise it is told why there is none.
fn output(mut command: Command) -> Option<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Ok(output) if output.status.success() => Some(output),
        Ok(output) => {
            eprintln!("not counted: {name}: {}", String::from_utf8_lossy(&output.stderr).trim());
            None
        }
        Err(error) => {
            eprintln!("not counted: {name}: {error}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn the_count_is_read_from_callgrinds_summary() {
        let output = "==7== \n==7== Events    : Ir\n==7== Collected : 1234567\n==7== \n";
        assert_eq!(summary(output), Some(1_234_567));
        assert_eq!(summary("==7== no summary"), None);
    }
}

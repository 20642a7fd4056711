//! `cargo xtask …`: the commands of this repository, with nothing to install but Rust.
//!
//! This file only dispatches. The grammar is in `flags`, each command has the file of its name,
//! and `steps` runs, times and reports what a command consists of.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "reporting to a terminal is the job"
)]

mod apt;
mod backends;
mod bench;
mod failure;
mod flags;
mod layers;
mod lint;
mod program;
mod readme;
mod steps;
mod test;
mod tidy;
mod twin;
mod valgrind;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    failure::Result,
    flags::{Command, Xtask},
    steps::{Steps, Verdict},
    workspace::Workspace,
};

fn main() -> ExitCode {
    match run(&Xtask::parse().command) {
        Ok(Verdict::Passed) => ExitCode::SUCCESS,
        Ok(Verdict::Failed) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("cargo xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<Verdict> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::new(command.title());
    match command {
        Command::Bench(flags) => bench::run(flags, &workspace, &mut steps),
        Command::Lint => lint::run(&workspace, &mut steps),
        Command::Test(flags) => test::run(flags, &workspace, &mut steps),
    }
    Ok(steps.finish())
}

//! `cargo xtask bench …`: figures. They are measured, never judged, unless `--check` is given to what measures them.

mod instructions;

use std::process::Command;

use crate::{
    flags::{Bench, Comparison},
    steps::Steps,
    workspace::Workspace,
};

/// Nothing is left to chance between crates: see Cargo.toml.
const PROFILE: &str = "bench-peers";

pub(crate) fn run(bench: &Bench, workspace: &Workspace, steps: &mut Steps) {
    match bench {
        Bench::Instructions => instructions::run(workspace, steps),
        Bench::Overhead(flags) => {
            compare("overhead", "ia-overhead-comparison", flags, workspace, steps);
        }
        Bench::Peers(flags) => compare("peers", "ia-peer-comparison", flags, workspace, steps),
    }
}

/// Builds a comparison, which is a crate and its program, and runs it.
fn compare(
    name: &str,
    package: &str,
    flags: &Comparison,
    workspace: &Workspace,
    steps: &mut Steps,
) {
    let arguments = ["--package", package, "--profile", PROFILE];
    let built = steps.check("build", || workspace.build(&arguments, package));
    if let Some(program) = built {
        let mut comparison = Command::new(program);
        comparison.current_dir(workspace.root()).args(&flags.args);
        steps.command(name, &mut comparison);
    }
}

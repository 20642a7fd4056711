//! `cargo xtask bench …`: figures. They are measured, never judged, unless `--check` is given to what measures them.

mod instructions;

use std::process::Command;

use crate::{
    flags::{Bench, Peers},
    steps::Steps,
    workspace::Workspace,
};

/// Nothing is left to chance between crates: see Cargo.toml.
const PROFILE: &str = "bench-peers";

pub(crate) fn run(bench: &Bench, workspace: &Workspace, steps: &mut Steps) {
    match bench {
        Bench::Peers(flags) => peers(flags, workspace, steps),
        Bench::Instructions => instructions::run(workspace, steps),
    }
}

/// Builds the comparison and runs it.
fn peers(flags: &Peers, workspace: &Workspace, steps: &mut Steps) {
    let arguments = ["--package", "ia-peer-comparison", "--profile", PROFILE];
    let built = steps.check("build", || workspace.build(&arguments, "ia-peer-comparison"));
    if let Some(program) = built {
        let mut comparison = Command::new(program);
        comparison.current_dir(workspace.root()).args(&flags.args);
        steps.command("peers", &mut comparison);
    }
}

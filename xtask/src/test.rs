//! `cargo xtask test`: everything that must pass, in as few shapes of the workspace as will do.

use std::process::Command;

use crate::{
    backends::Backends,
    failure::{Failure, Result},
    flags,
    steps::Steps,
    valgrind::Valgrind,
    workspace::Workspace,
};

/// The tests against real backends: who has them, and behind which feature.
const EXAMPLES: &str = "ia-telemetry-examples";
const REAL_BACKENDS: &str = "real-backends";

pub(crate) fn run(flags: &flags::Test, workspace: &Workspace, steps: &mut Steps) {
    let backends = steps.attempt("real backends", || obtain(flags, workspace));
    let cargo = || with_backends(workspace.cargo(), backends.as_ref());

    // Every feature but the one that needs a backend: that has a step of its own, below. Without `--workspace` cargo takes
    // the default members: the peers of the comparison are not worth their compile time here.
    let features = workspace.features_without(REAL_BACKENDS);
    let everything = ["test", "--no-fail-fast", "--features", &features];
    // Tests run the examples as programs; `cargo test --examples` would build them as tests.
    let examples = ["build", "--examples", "--features", &features];
    steps.command("examples", cargo().args(examples));
    // `cargo test` without a choice of targets runs doc tests too, but does not time them apart.
    steps.command("tests", cargo().args(everything).arg("--tests"));
    steps.command("doc tests", cargo().args(everything).arg("--doc"));
    models(workspace, steps);
    alone(workspace, steps);
    attribution(flags, workspace, &features, steps);
    if backends.is_some() {
        let tests = ["test", "--package", EXAMPLES, "--features", REAL_BACKENDS];
        steps.command("backend tests", cargo().args(tests).args(["--test", "backends"]));
    }
}

/// CPU time against what the operating system tells, which takes the processors for itself, and memory against what valgrind
/// counts.
fn attribution(flags: &flags::Test, workspace: &Workspace, features: &str, steps: &mut Steps) {
    // As above: a choice of packages would build their dependencies with other features, again.
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--features", features, "--test", "attribution"]);
    cargo.args(["--", "--include-ignored"]);
    match steps.attempt("valgrind", || valgrind(flags, workspace)) {
        Some(valgrind) => valgrind.tell(&mut cargo),
        None => {
            cargo.args(["--skip", "dhat"]);
        }
    }
    steps.command("attribution", &mut cargo);
}

fn valgrind(flags: &flags::Test, workspace: &Workspace) -> Result<Valgrind> {
    if flags.no_backends {
        return Err(Failure::new("`--no-backends` was given", "leave it out"));
    }
    Valgrind::obtain(&workspace.backends().join("valgrind"))
}

/// What runs without a lock, under every order that loom thinks of. Its primitives replace those of `std`, so it is a build of
/// its own.
fn models(workspace: &Workspace, steps: &mut Steps) {
    let models = ["test", "--package", "ia-metrics-core", "--lib", "--release", "models"];
    let target = workspace.root().join("target").join("loom");
    steps.command(
        "loom models",
        workspace
            .cargo()
            .args(models)
            .env("RUSTFLAGS", "--cfg loom")
            .env("CARGO_TARGET_DIR", target.as_os_str()),
    );
}

fn obtain(flags: &flags::Test, workspace: &Workspace) -> Result<Backends> {
    if flags.no_backends {
        return Err(Failure::new("`--no-backends` was given", "leave it out"));
    }
    Backends::obtain(&workspace.backends())
}

fn with_backends(mut cargo: Command, backends: Option<&Backends>) -> Command {
    if let Some(Backends { prometheus, promtool }) = backends {
        cargo.env("IA_PROMETHEUS", prometheus).env("IA_PROMTOOL", promtool);
    }
    cargo
}

/// Each library by itself: in a build of the whole workspace, one crate's features hide what
/// another one forgot to ask for.
fn alone(workspace: &Workspace, steps: &mut Steps) {
    for package in workspace.libraries() {
        let check = ["check", "--package", package.name.as_str()];
        steps.command(
            &format!("{} alone, no features", package.name),
            workspace.cargo().args(check).arg("--no-default-features"),
        );
        if package.features.get("default").is_some_and(|default| !default.is_empty()) {
            steps.command(
                &format!("{} alone, default features", package.name),
                workspace.cargo().args(check),
            );
        }
    }
}

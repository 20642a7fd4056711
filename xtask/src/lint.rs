//! `cargo xtask lint`: what can be told without running anything of ours.

use std::str::FromStr as _;

use crate::{
    failure::{Failure, Result, none_of},
    layers, readme,
    steps::Steps,
    tidy, twin,
    workspace::Workspace,
};

/// The newest cargo-deny that was tried with `deny.toml`; an older one may not read it.
const CARGO_DENY: &str = "0.20.2";

pub(crate) fn run(workspace: &Workspace, steps: &mut Steps) {
    steps.command("fmt", workspace.cargo().args(["fmt", "--all", "--check"]));
    steps.check("tidy", || tidy::check(workspace.root()));
    steps.check("readme", || readme::check(workspace.root()));
    steps.check("twin", || twin::check(workspace));
    steps.check("layers", || none_of(&layers::violations(&workspace.graph())));
    steps.command(
        "clippy",
        workspace
            .cargo()
            .args(["clippy", "--workspace", "--all-targets", "--all-features"])
            .args(["--", "-D", "warnings"]),
    );
    steps.command(
        "docs",
        workspace
            .cargo()
            .args(["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    );
    if steps.check("cargo-deny", || cargo_deny(workspace)).is_some() {
        // `advisories` needs a database that not every machine can reach: see deny.toml.
        let checks = ["deny", "check", "bans", "licenses", "sources"];
        steps.command("deny", workspace.cargo().args(checks));
    }
}

/// Makes sure that `cargo deny` is there and new enough.
fn cargo_deny(workspace: &Workspace) -> Result<()> {
    let output = workspace.cargo().args(["deny", "--version"]).output();
    if output.is_ok_and(|output| is_new_enough(&String::from_utf8_lossy(&output.stdout))) {
        return Ok(());
    }
    println!("installing cargo-deny {CARGO_DENY}: this takes some minutes, once");
    let install = ["install", "--locked", "cargo-deny", "--version", CARGO_DENY];
    match workspace.cargo().args(install).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure::new(
            format!("cargo-deny {CARGO_DENY} cannot be installed"),
            format!("make `cargo {}` work", install.join(" ")),
        )),
    }
}

fn is_new_enough(version: &str) -> bool {
    match (numbers(version), numbers(CARGO_DENY)) {
        (Some(found), Some(wanted)) => found >= wanted,
        _ => false,
    }
}

/// `0.20.2` out of `cargo-deny 0.20.2`.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split_whitespace().last()?.split('.').map(|part| u64::from_str(part).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_new_enough("cargo-deny 0.20.2\n"));
        assert!(is_new_enough("cargo-deny 0.100.0\n"));
        assert!(!is_new_enough("cargo-deny 0.14.22\n"));
        assert!(!is_new_enough(""));
        assert!(!is_new_enough("error: no such command: `deny`"));
    }
}

//! Finds the examples' programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::SystemTime;

/// The command that starts an example.
///
/// Cargo has no `CARGO_BIN_EXE_…` for examples, and `cargo test --test it` does not build them. So the one that lies
/// beside the test is taken where it is newer than its sources, and built where it is not.
pub(crate) fn example(name: &str) -> Command {
    // Two tests must not build at the same time: each would wait for the other's lock, and say so.
    static BUILDING: Mutex<()> = Mutex::new(());
    let _alone = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let test = std::env::current_exe().unwrap();
    // …/target/debug/deps/it-0123456789abcdef
    let profile = test.ancestors().nth(2).unwrap();
    let program =
        profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !is_fresh(&program) {
        build(name, profile);
    }
    let mut command = Command::new(program);
    // What the terminal of whoever tests is set to must not matter.
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    command
}

/// Whether a program is newer than all that cargo lists as its sources.
fn is_fresh(program: &Path) -> bool {
    let modified = |path: &Path| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    let (Some(built), Ok(list)) =
        (modified(program), fs::read_to_string(program.with_extension("d")))
    else {
        return false;
    };
    let Some((_, sources)) = list.split_once(": ") else { return false };
    // Spaces within paths are escaped; the paths are told apart by the others.
    let sources = sources.trim().replace("\\ ", "\u{0}");
    sources.split(' ').map(|path| PathBuf::from(path.replace('\u{0}', " "))).all(|path| {
        // A source that is gone has been renamed.
        modified(&path).is_some_and(|changed| changed <= built)
    })
}

fn build(name: &str, profile: &Path) {
    let (target, profile) = (profile.parent().unwrap(), profile.file_name().unwrap());
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["build", "--quiet", "--example", name, "--target-dir"]).arg(target);
    // The folder of the profile `dev` has another name.
    cargo.arg("--profile").arg(if profile == "debug" { "dev".as_ref() } else { profile });
    assert!(cargo.status().unwrap().success(), "the example `{name}` does not build");
}

//! Programs that are there already.

use std::{
    env,
    path::{Path, PathBuf, absolute},
    process::Command,
};

use crate::failure::{Failure, Result};

/// The program of this name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&path)
        .map(|folder| folder.join(name))
        .filter_map(|file| absolute(file).ok());
    candidates.find(|file| file.is_file())
}

/// The first line of what `program --version` says.
pub(crate) fn version(program: &Path, elsewhere: &str) -> Result<String> {
    let line = format!("{} --version", program.display());
    let output = Command::new(program)
        .arg("--version")
        .output()
        .map_err(|error| Failure::new(format!("`{line}` does not start: {error}"), elsewhere))?;
    if !output.status.success() {
        return Err(Failure::of_program(&line, &output, elsewhere));
    }
    // Some versions tell it on one stream, some on the other.
    let told = [output.stdout, output.stderr].concat();
    let first = String::from_utf8_lossy(&told).lines().next().unwrap_or_default().to_owned();
    Ok(first)
}

//! The step `walk`: which files there are in a folder.

use std::path::PathBuf;

use ia_telemetry::prelude::*;
use ignore::{Walk, WalkBuilder};

use crate::progress::Progress;

/// How many entries are looked at before other work gets a turn.
const SLICE: usize = 64;

/// Lists the files of a folder in a fixed order, without what `.gitignore` names. Links are not followed, and what is
/// neither a file nor a folder is left out.
pub(crate) async fn walk(
    ctx: StepContext,
    folder: PathBuf,
    progress: Service<Progress>,
) -> Result<Vec<PathBuf>, StepError> {
    progress.looking();
    let mut files = Vec::new();
    for (seen, entry) in entries(&folder).enumerate() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                files.push(entry.into_path());
            }
            Ok(_) => {}
            // A folder that cannot be opened is handed on: reading it fails, which counts it and names the reason.
            Err(error) => match path_of(&error) {
                Some(path) if path != folder => files.push(path),
                _ => return Err(error).error_type("walk_failed"),
            },
        }
        if seen % SLICE == 0 {
            tokio::task::yield_now().await;
        }
    }
    ctx.set_attribute("files", files.len() as u64);
    Ok(files)
}

fn entries(folder: &PathBuf) -> Walk {
    WalkBuilder::new(folder)
        .hidden(false)
        // `.gitignore` counts in a copy without `.git` too; what this machine's user ignores elsewhere does not.
        .require_git(false)
        .git_global(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .sort_by_file_name(Ord::cmp)
        .build()
}

/// The path that an error is about.
fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}

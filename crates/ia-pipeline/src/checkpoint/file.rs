//! Checkpoints as files.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{CheckpointStore, StoreError};
use crate::RunId;

/// Keeps checkpoints as files in a folder: one of each run, named by the run and the revision.
///
/// A checkpoint is written beside the old one, synced to the disk, and appears under its name at once, so that a crash at
/// any moment leaves the old one or the new one, whole. Inside a tokio runtime the disk is waited for on its threads for
/// blocking work, outside it on the thread that polls.
#[derive(Clone, Debug)]
pub struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// Keeps checkpoints in this folder, which is made where it does not exist.
    ///
    /// # Errors
    ///
    /// Where the folder can neither be found nor made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|error| told(&error, &folder))?;
        Ok(Self { folder })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All runs that there are checkpoints of.
    ///
    /// # Errors
    ///
    /// [`StoreError::Other`] where the folder cannot be read.
    pub async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        self.blocking(|folder| {
            let mut runs: Vec<RunId> = entries(folder)?.into_iter().map(|(run, _)| run).collect();
            runs.sort_unstable();
            runs.dedup();
            Ok(runs)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = self.folder.clone();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => runtime
                .spawn_blocking(move || {
                    work(&folder).map_err(|error| StoreError::other(told(&error, &folder)))
                })
                .await
                .map_err(StoreError::other)?,
            Err(_) => work(&folder).map_err(|error| StoreError::other(told(&error, &folder))),
        }
    }
}

impl CheckpointStore for FileStore {
    async fn save(&self, run: RunId, revision: u64, checkpoint: Vec<u8>) -> Result<(), StoreError> {
        let saved = self.blocking(move |folder| save(folder, run, revision, &checkpoint)).await?;
        if saved { Ok(()) } else { Err(StoreError::Conflict) }
    }

    async fn load(&self, run: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        self.blocking(move |folder| match revisions(folder, run)?.pop() {
            Some(newest) => fs::read(folder.join(name(run, newest))).map(Some),
            None => Ok(None),
        })
        .await
    }

    async fn remove(&self, run: RunId) -> Result<(), StoreError> {
        self.blocking(move |folder| {
            // The newest last: a crash in between must not bring an older one back.
            revisions(folder, run)?
                .into_iter()
                .try_for_each(|revision| remove(&folder.join(name(run, revision))))
        })
        .await
    }

    async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        Self::runs(self).await
    }
}

fn told(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Whether this revision is the newest now, and ours.
fn save(folder: &Path, run: RunId, revision: u64, checkpoint: &[u8]) -> io::Result<bool> {
    let mut older = revisions(folder, run)?;
    let before = older.pop();
    if before.unwrap_or(0).checked_add(1) != Some(revision) {
        return Ok(false);
    }
    let part = folder.join(format!(
        ".{run}.{revision}.{}.{:x}.part",
        std::process::id(),
        fastrand::u64(..)
    ));
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(checkpoint)?;
        file.sync_all()
    });
    // A link, unlike a renaming, fails where the name is taken: two processes cannot both save one revision.
    let linked = written.and_then(|()| fs::hard_link(&part, folder.join(name(run, revision))));
    let removed = remove(&part);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        linked => linked?,
    }
    removed?;
    sync(folder)?;
    // Whoever takes the one before away goes on with the run. Where it is gone already, somebody else does, or has finished.
    if let Some(before) = before
        && let Err(error) = fs::remove_file(folder.join(name(run, before)))
    {
        remove(&folder.join(name(run, revision)))?;
        return if error.kind() == io::ErrorKind::NotFound { Ok(false) } else { Err(error) };
    }
    older.into_iter().try_for_each(|old| remove(&folder.join(name(run, old))))?;
    Ok(true)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Makes what happened to the names in a folder survive a crash of the machine.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn name(run: RunId, revision: u64) -> String {
    format!("{run}.{revision}.checkpoint")
}

/// The revisions of a run, ascending.
fn revisions(folder: &Path, run: RunId) -> io::Result<Vec<u64>> {
    let of_run = entries(folder)?.into_iter().filter(|(other, _)| *other == run);
    let mut revisions: Vec<u64> = of_run.map(|(_, revision)| revision).collect();
    revisions.sort_unstable();
    Ok(revisions)
}

/// What is in the folder; files of others are left alone.
fn entries(folder: &Path) -> io::Result<Vec<(RunId, u64)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name();
        let parts = file.to_str().and_then(|file| file.strip_suffix(".checkpoint"));
        let parts = parts.and_then(|parts| parts.split_once('.'));
        let found =
            parts.and_then(|(run, revision)| Some((run.parse().ok()?, revision.parse().ok()?)));
        let Some((run, revision)) = found else { continue };
        let is_ours = file.to_str() == Some(&name(run, revision));
        if is_ours && entry.file_type()?.is_file() {
            entries.push((run, revision));
        }
    }
    Ok(entries)
}

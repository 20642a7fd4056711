//! Where checkpoints are kept.

use std::error::Error;
use std::fmt;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::RunId;

/// Keeps the checkpoints of runs: one for each run, the newest.
///
/// [`MemoryStore`](crate::MemoryStore) and [`FileStore`](crate::FileStore) are there; a database is another: a table with
/// the run as its key, the revision and the bytes. What the bytes are is of no concern to it.
///
/// A store decides between two processes that resume the same run: it takes revision 1 only where there is none, any other
/// only in place of the one just before it, in one atomic step, and answers [`StoreError::Conflict`] otherwise, also where
/// there is none any more. In SQL that is `INSERT` for the first, and then
/// `UPDATE … WHERE run = $1 AND revision = $2 - 1`, and a look at how many rows there were.
///
/// A store cannot tell a process that is gone from one that is slow: resume runs whose process is known to be gone.
pub trait CheckpointStore: Send + Sync + 'static {
    /// Keeps a checkpoint of this revision in place of the one before it. When this has returned, it must survive a crash
    /// of the process, and where the store promises that, of the machine.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] where the revision just before is not the one that is kept, [`StoreError::Other`] where it
    /// could not be kept.
    fn save(
        &self,
        run: RunId,
        revision: u64,
        checkpoint: Vec<u8>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The checkpoint of a run; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Other`] where it could not be read.
    fn load(&self, run: RunId) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// Forgets a run. Nothing happens where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Other`] where that failed.
    fn remove(&self, run: RunId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// All runs that there are checkpoints of, in no order: those to resume after a crash.
    ///
    /// # Errors
    ///
    /// [`StoreError::Other`] where they could not be listed.
    fn runs(&self) -> impl Future<Output = Result<Vec<RunId>, StoreError>> + Send;
}

/// Why a store did not do what it was asked for.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else has saved this revision of the run, or has finished it: it was resumed elsewhere.
    Conflict,
    /// It failed.
    Other(Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the store.
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}

/// A store whose type is forgotten.
pub(crate) trait ErasedStore: Send + Sync {
    fn save(
        &self,
        run: RunId,
        revision: u64,
        checkpoint: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    fn load(&self, run: RunId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    fn remove(&self, run: RunId) -> BoxFuture<'_, Result<(), StoreError>>;
}

impl<S: CheckpointStore> ErasedStore for S {
    fn save(
        &self,
        run: RunId,
        revision: u64,
        checkpoint: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        CheckpointStore::save(self, run, revision, checkpoint).boxed()
    }

    fn load(&self, run: RunId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        CheckpointStore::load(self, run).boxed()
    }

    fn remove(&self, run: RunId) -> BoxFuture<'_, Result<(), StoreError>> {
        CheckpointStore::remove(self, run).boxed()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str(
                "the run was resumed elsewhere, or its last save is still under way; leave it to that one, or try again",
            ),
            Self::Other(error) => {
                write!(f, "the store of checkpoints failed: {error}; see to it and resume the run")
            }
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Conflict => None,
            Self::Other(error) => Some(error.as_ref()),
        }
    }
}

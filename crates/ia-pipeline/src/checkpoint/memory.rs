//! Checkpoints in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{CheckpointStore, StoreError};
use crate::RunId;

/// Keeps checkpoints in memory, for runs that pause while the process lives on, and for tests. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore {
    kept: Arc<Mutex<Kept>>,
}

/// The revision and the checkpoint of each run.
type Kept = HashMap<RunId, (u64, Vec<u8>)>;

impl MemoryStore {
    /// A store with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CheckpointStore for MemoryStore {
    async fn save(&self, run: RunId, revision: u64, checkpoint: Vec<u8>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if kept.get(&run).map_or(0, |(newest, _)| *newest).checked_add(1) != Some(revision) {
            return Err(StoreError::Conflict);
        }
        kept.insert(run, (revision, checkpoint));
        Ok(())
    }

    async fn load(&self, run: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.kept().get(&run).map(|(_, checkpoint)| checkpoint.clone()))
    }

    async fn remove(&self, run: RunId) -> Result<(), StoreError> {
        self.kept().remove(&run);
        Ok(())
    }

    async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        Ok(self.kept().keys().copied().collect())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("runs", &self.kept().len()).finish()
    }
}

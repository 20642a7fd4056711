//! Checkpoints: what a run has done, kept outside the process, so that it can be resumed.

mod document;
mod error;
mod file;
mod memory;
mod store;

pub(crate) use self::document::{
    Answer, Document, Question, SavedOutput, SavedStatus, StepRecord, Totals,
};
pub use self::error::ResumeError;
pub use self::file::FileStore;
pub use self::memory::MemoryStore;
pub(crate) use self::store::ErasedStore;
pub use self::store::{CheckpointStore, StoreError};

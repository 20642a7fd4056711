//! Steps that tests of checkpoints use, and stores that misbehave.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use ia_pipeline::{CheckpointStore, MemoryStore, RunId, StepContext, StoreError, usd};

/// Which steps ran, in that order.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

/// A step that notes its name, reports an item and a cent, and gives one more.
pub(crate) fn work(
    log: &Log,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let log = Arc::clone(log);
    move |ctx, n| {
        log.lock().unwrap().push(ctx.step_name().to_owned());
        ctx.items(1);
        ctx.api_call("maps").cost(usd("0.01")).record();
        std::future::ready(Ok(n + 1))
    }
}

/// As [`work`], but fails while it is told to.
pub(crate) fn fragile(
    log: &Log,
    broken: &Arc<AtomicBool>,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let (work, broken) = (work(log), Arc::clone(broken));
    move |ctx, n| {
        if broken.load(Ordering::Relaxed) {
            std::future::ready(Err(io::Error::from(io::ErrorKind::NotFound)))
        } else {
            work(ctx, n)
        }
    }
}

pub(crate) fn taken(log: &Log) -> String {
    std::mem::take(&mut *log.lock().unwrap()).join(" ")
}

pub(crate) fn flag(set: bool) -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(set))
}

/// As [`work`], after having given way twice.
pub(crate) fn yields(
    log: &Log,
) -> impl Fn(StepContext, u32) -> futures_util::future::BoxFuture<'static, Result<u32, io::Error>> + use<>
{
    let work = Arc::new(work(log));
    move |ctx, n| {
        let work = Arc::clone(&work);
        async move {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            work(ctx, n).await
        }
        .boxed()
    }
}

/// A store that is slow, or fails.
pub(crate) struct Trying {
    pub(crate) kept: MemoryStore,
    /// How often it saves before it is full.
    saves: AtomicU32,
    is_slow: bool,
    /// Whether it panics as it loads and hangs as it removes.
    clings: bool,
}

impl Trying {
    /// Takes its time to save.
    pub(crate) fn slow(kept: MemoryStore) -> Self {
        Self { kept, saves: AtomicU32::new(u32::MAX), is_slow: true, clings: false }
    }

    /// Is full after so many saves.
    pub(crate) fn full_after(saves: u32, kept: MemoryStore) -> Self {
        Self { kept, saves: AtomicU32::new(saves), is_slow: false, clings: false }
    }

    /// Panics as it loads and hangs as it removes.
    pub(crate) fn clinging() -> Self {
        let (kept, saves) = (MemoryStore::new(), AtomicU32::new(u32::MAX));
        Self { kept, saves, is_slow: false, clings: true }
    }

    async fn wait(&self) {
        if self.is_slow {
            tokio::task::yield_now().await;
        }
    }
}

impl CheckpointStore for Trying {
    async fn save(&self, run: RunId, revision: u64, checkpoint: Vec<u8>) -> Result<(), StoreError> {
        self.wait().await;
        let left = |left: u32| left.checked_sub(1);
        if self.saves.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_err() {
            return Err(StoreError::other("no space left"));
        }
        let saved = self.kept.save(run, revision, checkpoint).await;
        self.wait().await;
        saved
    }

    async fn load(&self, run: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        assert!(!self.clings, "on purpose");
        self.kept.load(run).await
    }

    async fn remove(&self, run: RunId) -> Result<(), StoreError> {
        if self.clings {
            std::future::pending::<()>().await;
        }
        self.kept.remove(run).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        self.kept.runs().await
    }
}

//! Runs the chain, whatever it is made of.

use std::hint::black_box;

use futures_util::future::BoxFuture;
use tokio::runtime::{Builder, Runtime};

use crate::{Job, Refused};

/// Runs before what is counted: enough that the rings of spans are full, and each run costs the same from here on.
pub const WARM: u32 = 1_500;

/// A chain of ten steps that can be run. Shared by all threads that run it.
pub trait Runner: Send + Sync {
    /// Runs the chain so many times, one run after the other. One boxed future for all of them.
    fn runs(&self, job: Job, times: u32) -> BoxFuture<'_, ()>;

    /// Called before the first run of a series.
    fn prepare(&self) {}

    /// Called between runs that are timed: what a program would leave to a thread in the background.
    fn tidy(&self) {}
}

/// A chain as a function that makes one run of it.
pub(crate) struct Each<F> {
    pub(crate) run: F,
    pub(crate) prepare: fn(),
    pub(crate) tidy: fn(),
}

impl<F> Each<F> {
    pub(crate) fn new(run: F) -> Self {
        Self { run, prepare: || {}, tidy: || {} }
    }
}

impl<F, Fut> Runner for Each<F>
where
    F: Fn(Job) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Job, Refused>> + Send,
{
    fn runs(&self, job: Job, times: u32) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            for _ in 0..times {
                let result = (self.run)(black_box(job)).await;
                assert!(black_box(result).is_ok(), "a run failed");
            }
        })
    }

    fn prepare(&self) {
        (self.prepare)();
    }

    fn tidy(&self) {
        (self.tidy)();
    }
}

/// What a thread runs chains on: what `#[tokio::main(flavor = "current_thread")]` makes.
///
/// # Panics
///
/// Where the operating system refuses it.
#[must_use]
pub fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime without drivers needs nothing")
}

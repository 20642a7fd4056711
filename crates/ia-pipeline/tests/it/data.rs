//! Values on their way: what is cloned, and what is not.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ia_pipeline::{Backoff, Flow, Pipeline, Policy, StepContext};

#[derive(Debug)]
struct Counted(Arc<AtomicU32>);

impl Counted {
    fn clones(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

async fn pass(_: StepContext, value: Counted) -> Result<Counted, Infallible> {
    Ok(value)
}

async fn fail(_: StepContext, _: Counted) -> Result<Counted, io::Error> {
    Err(io::Error::from(io::ErrorKind::NotFound))
}

#[tokio::test]
async fn a_chain_clones_nothing() {
    let pipeline = Pipeline::builder("p")
        .step("a", pass)
        .step("b", pass)
        .step("c", pass)
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(Counted(Arc::default())).await.unwrap().output.clones(), 0);
}

#[tokio::test]
async fn a_retry_clones_once_for_each_attempt_but_the_last() {
    let clones = Arc::new(AtomicU32::new(0));
    let pipeline = Pipeline::builder("p")
        .step("a", fail)
        .policy(Policy::retry(2).backoff(Backoff::NONE))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert!(pipeline.run(Counted(Arc::clone(&clones))).await.is_err());
    assert_eq!(clones.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_fan_out_clones_for_all_but_the_last_consumer() {
    let clones = Arc::new(AtomicU32::new(0));
    let pipeline = Pipeline::builder("p")
        .step("a", pass)
        .step("b", pass)
        .step("c", pass)
        .flow(Flow::start("a").fan_out("a", ["b", "c"]))
        .enable_telemetry(false)
        .build()
        .unwrap();
    pipeline.run(Counted(Arc::clone(&clones))).await.unwrap();
    assert_eq!(clones.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_step_may_take_a_value_shared_or_optional() {
    async fn shared(_: StepContext, value: Arc<Counted>) -> Result<Arc<Counted>, Infallible> {
        Ok(value)
    }
    async fn optional(
        _: StepContext,
        value: Option<Arc<Counted>>,
    ) -> Result<Arc<Counted>, io::Error> {
        value.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
    let pipeline = Pipeline::builder("p")
        .step("a", pass)
        .step("b", shared)
        .step("c", shared)
        .step("d", pass_shared)
        .enable_telemetry(false)
        .build()
        .unwrap();
    async fn pass_shared(_: StepContext, value: Arc<Counted>) -> Result<Counted, Infallible> {
        Ok(Arc::unwrap_or_clone(value))
    }
    assert_eq!(pipeline.run(Counted(Arc::default())).await.unwrap().output.clones(), 0);
    let pipeline = Pipeline::builder("p")
        .step("a", pass)
        .step("b", optional)
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(Counted(Arc::default())).await.unwrap().output.clones(), 0);
}

#[tokio::test]
async fn the_input_is_not_changed_for_the_next_attempt() {
    let pipeline = Pipeline::builder("p")
        .step("a", |ctx: StepContext, mut list: Vec<u32>| async move {
            list.push(ctx.attempt());
            if ctx.attempt() < 3 { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(list) }
        })
        .policy(Policy::retry(2).backoff(Backoff::NONE))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(vec![0]).await.unwrap().output, [0, 3]);
}

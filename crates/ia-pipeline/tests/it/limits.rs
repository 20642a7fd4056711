//! How many run at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ia_pipeline::{Pipeline, StepContext};

use crate::probe::{Probe, never};

#[derive(Default)]
struct Peak {
    now: AtomicUsize,
    most: AtomicUsize,
}

fn counting(
    peak: &Arc<Peak>,
) -> impl Fn(StepContext, u32) -> futures_util::future::BoxFuture<'static, Result<u32, io::Error>> + use<>
{
    let peak = Arc::clone(peak);
    move |_, n| {
        let peak = Arc::clone(&peak);
        Box::pin(async move {
            let now = peak.now.fetch_add(1, Ordering::SeqCst) + 1;
            peak.most.fetch_max(now, Ordering::SeqCst);
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            peak.now.fetch_sub(1, Ordering::SeqCst);
            Ok(n)
        })
    }
}

#[tokio::test]
async fn no_more_steps_run_at_once_than_permitted_over_all_runs() {
    let (probe, peak) = (Probe::new(), Arc::new(Peak::default()));
    let pipeline = Pipeline::builder("p")
        .step("s", counting(&peak))
        .max_concurrency(3)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let runs: Vec<_> = (0..100).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for run in runs {
        run.await.unwrap().unwrap();
    }
    assert_eq!(peak.most.load(Ordering::SeqCst), 3);
    assert_eq!(probe.value("step_queue_wait_seconds", &[("step_name", "s")]), 100.0);
    probe.assert_settled();
}

#[tokio::test]
async fn no_more_runs_are_under_way_at_once_than_permitted() {
    let (probe, peak) = (Probe::new(), Arc::new(Peak::default()));
    let pipeline = Pipeline::builder("p")
        .step("s", counting(&peak))
        .max_concurrent_runs(2)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let runs: Vec<_> = (0..100).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for run in runs {
        run.await.unwrap().unwrap();
    }
    assert_eq!(peak.most.load(Ordering::SeqCst), 2);
    probe.assert_settled();
}

#[tokio::test]
async fn what_waits_is_the_depth_of_the_queue_and_is_cancelled_as_a_run() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", never)
        .max_concurrent_runs(1)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut running = Box::pin(pipeline.run(1));
    let mut waiting = Box::pin(pipeline.run(2));
    assert!(futures_util::poll!(&mut running).is_pending());
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!((probe.active(), probe.value("pipeline_queue_depth", &[])), (1.0, 1.0));
    drop(waiting);
    assert_eq!((probe.runs("cancelled"), probe.value("pipeline_queue_depth", &[])), (1.0, 0.0));
    drop(running);
    assert_eq!(probe.runs("cancelled"), 2.0);
    probe.assert_settled();
}

#[tokio::test]
async fn a_run_that_waits_can_be_cancelled_from_elsewhere() {
    let pipeline = Pipeline::builder("p")
        .step("s", never)
        .max_concurrent_runs(1)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    let waiting = pipeline.run(2);
    let canceller = waiting.canceller();
    let waiting = tokio::spawn(waiting);
    tokio::task::yield_now().await;
    canceller.cancel();
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ia_pipeline::RunErrorKind::Cancelled);
}

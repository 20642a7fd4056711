//! Runs that are dropped or cancelled.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ia_pipeline::{Flow, Pipeline, RunErrorKind, StepContext, StepStatus};

use crate::probe::{Probe, never, same};

/// Polls a future so many times, letting everything else run in between, and drops it; whether it finished.
pub(crate) async fn poll_times<F: Future>(future: F, times: u32) -> bool {
    let mut future = pin!(future);
    for _ in 0..times {
        let ready = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await;
        if ready {
            return true;
        }
        // Time stands still otherwise: this lets timers come due one after the other.
        tokio::time::advance(Duration::from_millis(200)).await;
    }
    false
}

#[tokio::test]
async fn a_run_that_is_never_polled_counts_nothing() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", same).telemetry(probe.instruments()).build().unwrap();
    drop(pipeline.run(1));
    assert_eq!(probe.all_runs(), 0.0);
    assert_eq!(probe.spans().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_ends_its_steps_and_itself_as_cancelled() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", never).telemetry(probe.instruments()).build().unwrap();
    assert!(!poll_times(pipeline.run(1), 1).await);
    assert_eq!((probe.runs("cancelled"), probe.steps("s", "cancelled")), (1.0, 1.0));
    assert_eq!(probe.registry.snapshot().sum("step_errors_total", []), 0.0);
    for name in ["p", "s"] {
        assert_eq!(probe.span(name).status().to_string(), "error: cancelled");
    }
    probe.assert_settled();
}

#[tokio::test]
async fn a_run_can_be_cancelled_from_elsewhere() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", never).telemetry(probe.instruments()).build().unwrap();
    let running = pipeline.run(1);
    let canceller = running.canceller();
    let running = tokio::spawn(running);
    tokio::task::yield_now().await;
    canceller.cancel();
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Cancelled);
    assert_eq!(error.steps()[0].status, StepStatus::Cancelled);
    assert_eq!((probe.runs("cancelled"), probe.runs("error")), (1.0, 0.0));
    probe.assert_settled();
}

#[tokio::test]
async fn a_step_hears_that_its_run_is_cancelled() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, n: u32| {
            let tell = tell.lock().unwrap().take();
            async move {
                let outside = ctx.clone();
                tokio::spawn(async move {
                    outside.cancelled().await;
                    tell.unwrap().send(outside.is_cancelled()).unwrap();
                });
                std::future::pending::<()>().await;
                Ok::<_, io::Error>(n)
            }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let running = tokio::spawn(pipeline.run(1));
    tokio::task::yield_now().await;
    running.abort();
    assert!(told.await.unwrap());
}

#[tokio::test]
async fn what_a_step_spawned_is_aborted_with_it() {
    let (alive, mut gone) = tokio::sync::mpsc::channel::<()>(1);
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, n: u32| {
            let alive = alive.clone();
            async move {
                let held = alive;
                ctx.spawn(async move {
                    std::future::pending::<()>().await;
                    drop(held);
                })
                .await?;
                Ok::<_, tokio::task::JoinError>(n)
            }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    drop(running);
    drop(pipeline);
    assert_eq!(gone.recv().await, None);
}

#[tokio::test]
async fn a_failing_step_cancels_the_steps_beside_it() {
    let probe = Probe::new();
    async fn fails_later(_: StepContext, _: u32) -> Result<u32, io::Error> {
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", never)
        .step("c", fails_later)
        .flow(Flow::start("a").fan_out("a", ["b", "c"]))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(error.step(), Some("c"));
    assert_eq!((probe.steps("b", "cancelled"), probe.steps("c", "error")), (1.0, 1.0));
    assert_eq!(probe.registry.snapshot().sum("step_errors_total", []), 1.0);
    probe.assert_settled();
}

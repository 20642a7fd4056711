//! Streams where few steps may run at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use ia_pipeline::{Flow, Pipeline, Sink, StepContext, StepError, Stream};
use tokio::task::yield_now;

use crate::probe::{Probe, same};
use crate::streams::{count, doubled, sum};

/// Runs many at a time; each must give what the first number says.
async fn run_many(pipeline: &Pipeline<u32, u32>, expected: impl Fn(u32) -> u32) {
    let runs: Vec<_> = (0..50).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for (n, run) in (0..50).zip(runs) {
        let run = tokio::time::timeout(Duration::from_mins(1), run).await.unwrap();
        assert_eq!(run.unwrap().unwrap().output, expected(n));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn steps_that_streams_connect_share_one_permit() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .capacity(2)
        .stream("doubled", doubled)
        .capacity(1)
        .step("sum", sum)
        .step("after", same)
        .max_concurrency(1)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    run_many(&pipeline, |n| n * n.saturating_sub(1)).await;
    for step in ["count", "doubled", "sum", "after"] {
        assert_eq!(probe.value("step_queue_wait_seconds", &[("step_name", step)]), 50.0, "{step}");
    }
    probe.assert_settled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_permit_is_not_held_by_who_waits_for_somebody_without_one() {
    // `merge` waits for `slow`, which waits for a permit, while `a` and `b` could fill their streams and wait for `merge`.
    type All = (Stream<u32>, u32, Stream<u32>);
    async fn merge(_: StepContext, (a, n, b): All) -> Result<u32, StepError> {
        Ok(a.zip(b).fold(n, |sum, (a, b)| async move { sum + a + b }).await)
    }
    async fn slow(_: StepContext, n: u32) -> Result<u32, StepError> {
        for _ in 0..5 {
            yield_now().await;
        }
        Ok(n)
    }
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("start", same)
        .stream("a", count)
        .capacity(1)
        .step("slow", slow)
        .stream("b", count)
        .capacity(1)
        .join("merge", merge)
        .flow(
            Flow::start("start")
                .fan_out("start", ["a", "slow", "b"])
                .join(["a", "slow", "b"], "merge"),
        )
        .max_concurrency(1)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    run_many(&pipeline, |n| n + n * n.saturating_sub(1)).await;
    probe.assert_settled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_chains_run_at_once_than_permitted() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (chains, peak) = (Arc::clone(&now), Arc::clone(&most));
    let pipeline = Pipeline::builder("p")
        .stream("count", move |ctx: StepContext, n: u32, out: Sink<u32>| {
            let (now, most) = (Arc::clone(&chains), Arc::clone(&peak));
            async move {
                let chains = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(chains, Ordering::SeqCst);
                yield_now().await;
                count(ctx, n, out).await?;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, StepError>(())
            }
        })
        .capacity(1)
        .step("sum", sum)
        .max_concurrency(2)
        .enable_telemetry(false)
        .build()
        .unwrap();
    run_many(&pipeline, |n| n * n.saturating_sub(1) / 2).await;
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_permit_comes_back_when_a_run_is_dropped_at_any_poll() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .capacity(1)
        .stream("doubled", doubled)
        .step("sum", sum)
        .max_concurrency(1)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    for polls in 0..40 {
        let mut running = pipeline.run(10);
        let ended = (0..polls).any(|_| crate::probe::poll_once(&mut running));
        drop(running);
        let next = tokio::time::timeout(Duration::from_mins(1), pipeline.run(3));
        assert_eq!(next.await.unwrap().unwrap().output, 6, "after {polls} polls");
        if ended {
            break;
        }
    }
    probe.assert_settled();
}

#[tokio::test(start_paused = true)]
async fn a_step_whose_stream_nobody_takes_runs_on_a_permit_of_its_own() {
    async fn merge(_: StepContext, (_, _): (Stream<u32>, u32)) -> Result<u32, StepError> {
        Ok(1)
    }
    let pipeline = Pipeline::builder("p")
        .step("start", same)
        .stream("count", count)
        .step("n", same)
        .join("merge", merge)
        .step("other", same)
        .flow(
            Flow::start("start")
                .edge("start", "count")
                .when("start", |_: &u32| false, "n")
                .join(["count", "n"], "merge")
                .edge("start", "other"),
        )
        .max_concurrency(1)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = tokio::time::timeout(Duration::from_mins(1), pipeline.run(100));
    assert_eq!(run.await.unwrap().unwrap().output, 100);
}

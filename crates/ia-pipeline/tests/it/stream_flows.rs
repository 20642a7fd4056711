//! Streams in flows: joins, loops, skipped takers, several tasks.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use ia_pipeline::{
    Closed, Flow, Pipeline, Service, Services, Sink, StepContext, StepError, Stream, StreamStep,
};
use tokio::task::yield_now;

use crate::probe::{Probe, same};
use crate::streams::{count, doubled, first, sum};

#[tokio::test]
async fn a_type_can_yield_a_stream_and_services_come_after_the_sink() {
    struct UpTo(u32);
    impl StreamStep for UpTo {
        type In = u32;
        type Item = u32;
        async fn run(&self, ctx: StepContext, n: u32, out: Sink<u32>) -> Result<(), StepError> {
            count(ctx, n.min(self.0), out).await
        }
    }
    async fn scaled(
        _: StepContext,
        mut items: Stream<u32>,
        out: Sink<u32>,
        factor: Service<u32>,
    ) -> Result<(), Closed> {
        while let Some(item) = items.next().await {
            out.send(item * *factor).await?;
        }
        Ok(())
    }
    let pipeline = Pipeline::builder("p")
        .stream("count", Arc::new(UpTo(4)))
        .stream("scaled", scaled)
        .step("sum", sum)
        .services(Services::new().insert(10_u32))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(100).await.unwrap().output, 60);
    let pipeline = Pipeline::builder("p").stream("count", count).stream("scaled", scaled);
    assert!(pipeline.step("sum", sum).build().unwrap_err().to_string().contains("service"));
}

#[tokio::test]
async fn a_join_takes_streams_and_values_and_can_yield_a_stream() {
    type Both = (Stream<u32>, Stream<u32>, u32);
    async fn zip(_: StepContext, (a, b, n): Both, out: Sink<u32>) -> Result<(), StepError> {
        let mut pairs = a.zip(b);
        while let Some((a, b)) = pairs.next().await {
            out.send(a * b + n).await?;
        }
        Ok(())
    }
    let pipeline = Pipeline::builder("p")
        .step("start", same)
        .stream("a", count)
        .capacity(1)
        .stream("b", count)
        .step("n", same)
        .join_stream("zip", zip)
        .step("sum", sum)
        .flow(
            Flow::start("start")
                .fan_out("start", ["a", "b", "n"])
                .join(["a", "b", "n"], "zip")
                .then("sum"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(4).await.unwrap().output, 1 + 4 + 9 + 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clones_share_the_items() {
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .capacity(2)
        .step("workers", |ctx: StepContext, items: Stream<u32>| async move {
            let workers = (0..8).map(|_| ctx.spawn(items.clone().collect::<Vec<_>>()));
            let workers: Vec<_> = workers.collect();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.await?);
            }
            Ok::<_, StepError>(all)
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let all = pipeline.run(10_000).await.unwrap().output;
    assert_eq!(all.len(), 10_000);
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 10_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_tasks_of_a_step_can_send() {
    let pipeline = Pipeline::builder("p")
        .stream("tasks", |ctx: StepContext, n: u32, out: Sink<u32>| async move {
            let tasks: Vec<_> =
                (0..8).map(|_| ctx.spawn(count(ctx.clone(), n, out.clone()))).collect();
            for task in tasks {
                task.await??;
            }
            Ok::<_, StepError>(())
        })
        .capacity(3)
        .step("sum", sum)
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(1_000).await.unwrap().output, 8 * 499_500);
}

#[tokio::test]
async fn a_loop_can_hold_whole_streams() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .capacity(2)
        .stream("doubled", doubled)
        .step("sum", sum)
        .flow(Flow::start("count").then("doubled").then("sum").repeat(
            "sum",
            |sum: &u32| *sum < 100,
            "count",
            5,
        ))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    // 4 -> 12 -> 132
    assert_eq!(pipeline.run(4).await.unwrap().output, 132);
    assert_eq!((probe.steps("count", "success"), probe.steps("doubled", "success")), (2.0, 2.0));
    probe.assert_settled();
}

#[tokio::test]
async fn a_loop_starts_over_only_when_the_steps_that_yield_have_ended() {
    let running = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&running);
    let pipeline = Pipeline::builder("p")
        .stream("slow", move |_: StepContext, n: u32, out: Sink<u32>| {
            let running = Arc::clone(&counter);
            async move {
                assert_eq!(running.fetch_add(1, Ordering::Relaxed), 0, "one at a time");
                out.send(n).await?;
                out.closed().await;
                for _ in 0..10 {
                    yield_now().await;
                }
                running.fetch_sub(1, Ordering::Relaxed);
                Ok::<_, StepError>(())
            }
        })
        .step("next", |ctx: StepContext, items: Stream<u32>| async move {
            Ok::<_, StepError>(first(ctx, items).await? + 1)
        })
        .flow(Flow::start("slow").then("next").repeat("next", |n: &u32| *n < 5, "slow", 10))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(0).await.unwrap().output, 5);
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_taker_is_skipped_is_closed() {
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
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = tokio::time::timeout(Duration::from_mins(1), pipeline.run(1_000_000));
    assert_eq!(run.await.unwrap().unwrap().output, 1_000_000);
}

#[tokio::test]
async fn a_step_may_do_without_a_stream_that_does_not_come() {
    async fn perhaps(ctx: StepContext, items: Option<Stream<u32>>) -> Result<u32, StepError> {
        match items {
            Some(items) => sum(ctx, items).await,
            None => Ok(77),
        }
    }
    let pipeline = Pipeline::builder("p")
        .step("start", same)
        .stream("count", count)
        .step("skip", same)
        .join("perhaps", |ctx: StepContext, (items, _): (Option<Stream<u32>>, u32)| {
            perhaps(ctx, items)
        })
        .flow(
            Flow::start("start")
                .when("start", |n: &u32| *n > 5, "count")
                .edge("start", "skip")
                .join(["count", "skip"], "perhaps"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(10).await.unwrap().output, 45);
    assert_eq!(pipeline.run(3).await.unwrap().output, 77);
}

#[tokio::test]
async fn a_step_that_takes_a_stream_may_fail_and_the_run_go_on() {
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .step("fails", |_: StepContext, _: Stream<u32>| async move {
            Err::<u32, _>(StepError::msg("no"))
        })
        .policy(ia_pipeline::Policy::new().continue_on_error())
        .step("after", |_: StepContext, n: Option<u32>| async move {
            Ok::<_, StepError>(n.unwrap_or(9))
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = pipeline.run(1_000).await.unwrap();
    assert_eq!((run.output, run.steps.len()), (9, 3));
}

//! Steps that yield a stream and steps that take one.

use std::collections::HashSet;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use ia_pipeline::{
    Closed, Flow, Pipeline, RunErrorKind, Service, Services, Sink, StepContext, StepError,
    StepStatus, Stream, StreamStep,
};
use tokio::sync::Notify;
use tokio::task::yield_now;

use crate::probe::{Probe, poll_once, same};

/// Sends the numbers up to the input.
pub(crate) async fn count(_: StepContext, n: u32, out: Sink<u32>) -> Result<(), StepError> {
    for item in 0..n {
        out.send(item).await?;
    }
    Ok(())
}

pub(crate) async fn doubled(
    _: StepContext,
    mut items: Stream<u32>,
    out: Sink<u32>,
) -> Result<(), StepError> {
    while let Some(item) = items.next().await {
        out.send(item * 2).await?;
    }
    Ok(())
}

pub(crate) async fn sum(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    let mut sum = 0;
    while let Some(item) = items.next().await {
        sum += item;
    }
    Ok(sum)
}

async fn first(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    items.next().await.ok_or_else(|| StepError::msg("there is none"))
}

#[tokio::test]
async fn steps_that_streams_connect_work_at_the_same_time() {
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let (sent, taken) = (Arc::clone(&log), Arc::clone(&log));
    let pipeline = Pipeline::builder("p")
        .stream("count", move |_: StepContext, n: u32, out: Sink<u32>| {
            let log = Arc::clone(&sent);
            async move {
                for item in 0..n {
                    out.send(item).await?;
                    log.lock().unwrap().push(format!("sent {item}"));
                }
                Ok::<_, StepError>(())
            }
        })
        .capacity(1)
        .step("take", move |_: StepContext, mut items: Stream<u32>| {
            let log = Arc::clone(&taken);
            async move {
                while let Some(item) = items.next().await {
                    log.lock().unwrap().push(format!("took {item}"));
                }
                Ok::<_, StepError>(())
            }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    pipeline.run(3).await.unwrap();
    let expected = ["sent 0", "took 0", "sent 1", "took 1", "sent 2", "took 2"];
    assert_eq!(*log.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_chain_of_streams_gives_every_item_once_and_in_order() {
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .capacity(3)
        .stream("doubled", doubled)
        .step("collect", |_: StepContext, items: Stream<u32>| async move {
            Ok::<_, StepError>(items.collect::<Vec<_>>().await)
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = pipeline.run(100).await.unwrap();
    assert_eq!(run.output, (0..100).map(|n| 2 * n).collect::<Vec<_>>());
}

#[test]
fn a_stream_needs_no_runtime() {
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .step("sum", sum)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let cx = &mut Context::from_waker(Waker::noop());
    let mut running = pipeline.run(1_000);
    let mut polls = (0..1_000).map(|_| Pin::new(&mut running).poll(cx));
    let Some(Poll::Ready(run)) = polls.find(Poll::is_ready) else { panic!("it hangs") };
    assert_eq!(run.unwrap().output, 499_500);
}

#[test]
fn no_more_items_wait_than_the_capacity() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let pipeline = Pipeline::builder("p")
        .stream("count", move |_: StepContext, n: u32, out: Sink<u32>| {
            let sent = Arc::clone(&counter);
            async move {
                for item in 0..n {
                    out.send(item).await?;
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, StepError>(())
            }
        })
        .capacity(7)
        .step("never", |_: StepContext, items: Stream<u32>| async move {
            std::future::pending::<()>().await;
            drop(items);
            Ok::<_, StepError>(0)
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut running = pipeline.run(100);
    for _ in 0..10 {
        assert!(!poll_once(&mut running));
    }
    assert_eq!(sent.load(Ordering::Relaxed), 7);
}

#[tokio::test]
async fn a_step_whose_items_nobody_wants_any_more_has_succeeded() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("count", count)
        .capacity(2)
        .stream("doubled", doubled)
        .step("first", first)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = pipeline.run(u32::MAX).await.unwrap();
    assert_eq!(run.output, 0);
    assert!(run.steps.iter().all(|step| step.status == StepStatus::Success), "{:?}", run.steps);
    assert_eq!(probe.runs("success"), 1.0);
    probe.assert_settled();
}

#[tokio::test]
async fn closed_as_the_source_of_an_error_is_success_too_and_another_error_after_it_is_not() {
    #[derive(Debug, thiserror::Error)]
    enum ReadError {
        #[error("nobody listens")]
        Closed(#[from] Closed),
        #[error("cannot tidy up")]
        TidyUp,
    }
    let pipeline = |tidies: bool| {
        Pipeline::builder("p")
            .stream("count", move |_: StepContext, n: u32, out: Sink<u32>| async move {
                for item in 0..n {
                    match out.send(item).await {
                        Err(Closed { .. }) if !tidies => return Err(ReadError::TidyUp),
                        sent => sent?,
                    }
                }
                Ok(())
            })
            .step("first", first)
            .enable_telemetry(false)
            .build()
            .unwrap()
    };
    assert_eq!(pipeline(true).run(u32::MAX).await.unwrap().output, 0);
    let error = pipeline(false).run(u32::MAX).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("count"), "TidyUp"));
}

#[tokio::test]
async fn a_step_can_wait_for_its_stream_to_be_closed() {
    let pipeline = Pipeline::builder("p")
        .stream("one", |_: StepContext, n: u32, out: Sink<u32>| async move {
            out.send(n).await?;
            assert!(!out.is_closed());
            out.closed().await;
            assert!(out.is_closed());
            Ok::<_, StepError>(())
        })
        .step("first", first)
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(3).await.unwrap().output, 3);
}

#[tokio::test]
async fn the_stream_of_a_step_that_failed_has_no_end() {
    let ended = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&ended);
    let pipeline = Pipeline::builder("p")
        .stream("fails", |_: StepContext, n: u32, out: Sink<u32>| async move {
            out.send(n).await.map_err(io::Error::other)?;
            yield_now().await;
            Err(io::Error::from(io::ErrorKind::NotFound))
        })
        .step("take", move |_: StepContext, mut items: Stream<u32>| {
            let seen = Arc::clone(&seen);
            async move {
                while items.next().await.is_some() {}
                seen.fetch_add(1, Ordering::Relaxed);
                Ok::<_, StepError>(0)
            }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (RunErrorKind::Step, Some("fails")));
    assert_eq!((error.error_type(), ended.load(Ordering::Relaxed)), ("NotFound", 0));
    let steps: Vec<_> = error.steps().iter().map(|step| (&*step.name, step.status)).collect();
    assert_eq!(steps, [("fails", StepStatus::Error), ("take", StepStatus::Cancelled)]);
}

/// A run whose first step sends one item and then ends as told, and the stream that outlives it.
async fn outlives(how: fn() -> Result<(), StepError>, cancel: bool) -> Stream<u32> {
    let kept: Arc<Mutex<Option<Stream<u32>>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let pipeline = Pipeline::builder("p")
        .stream("ends", move |_: StepContext, n: u32, out: Sink<u32>| async move {
            out.send(n).await?;
            out.send(n).await?;
            yield_now().await;
            how()
        })
        .step("take", move |_: StepContext, mut items: Stream<u32>| {
            *keep.lock().unwrap() = Some(items.clone());
            async move { items.next().await.ok_or_else(|| StepError::msg("there is none")) }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut running = pipeline.run(1);
    if cancel {
        assert!(!poll_once(&mut running));
        drop(running);
    } else {
        assert_eq!(running.await.is_ok(), how().is_ok());
    }
    kept.lock().unwrap().take().unwrap()
}

#[tokio::test]
async fn only_the_stream_of_a_step_that_succeeded_ends() {
    let fine = || Ok(());
    assert_eq!(outlives(fine, false).await.collect::<Vec<_>>().await, [1]);
    let fails = || Err(StepError::msg("on purpose"));
    for (how, cancel) in [(fine as fn() -> _, true), (fails, false)] {
        let mut stream = outlives(how, cancel).await;
        for _ in 0..3 {
            assert!(futures_util::poll!(std::pin::pin!(stream.next())).is_pending());
        }
    }
}

#[tokio::test]
async fn items_that_panic_as_they_are_discarded_harm_nobody() {
    struct Fragile;
    impl Drop for Fragile {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                std::panic::resume_unwind(Box::new("on purpose"));
            }
        }
    }
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("fails", |_: StepContext, _: u32, out: Sink<Fragile>| async move {
            out.send(Fragile).await?;
            out.send(Fragile).await?;
            Err(StepError::msg("first"))
        })
        .step("never", |_: StepContext, items: Stream<Fragile>| async move {
            std::future::pending::<()>().await;
            drop(items);
            Ok::<_, StepError>(0_u32)
        })
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert!(error.to_string().ends_with("first"), "{error}");
    let mut running = pipeline.run(1);
    poll_once(&mut running);
    drop(running);
    assert_eq!(probe.all_runs(), 2.0);
    probe.assert_settled();
}

#[tokio::test]
async fn a_step_may_fail_after_its_sink_was_dropped() {
    let pipeline = Pipeline::builder("p")
        .stream("fails", |_: StepContext, n: u32, out: Sink<u32>| async move {
            out.send(n).await?;
            drop(out);
            yield_now().await;
            Err(StepError::msg("late"))
        })
        .step("sum", sum)
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(1).await.unwrap_err().step(), Some("fails"));
}

#[tokio::test]
async fn nothing_can_be_sent_once_the_step_has_ended() {
    let sinks: Arc<Mutex<Vec<Sink<u32>>>> = Arc::default();
    let streams: Arc<Mutex<Vec<Stream<u32>>>> = Arc::default();
    let (keep_sink, keep_stream) = (Arc::clone(&sinks), Arc::clone(&streams));
    let pipeline = Pipeline::builder("p")
        .stream("one", move |ctx: StepContext, n: u32, out: Sink<u32>| {
            keep_sink.lock().unwrap().push(out.clone());
            count(ctx, n, out)
        })
        .step("sum", move |ctx: StepContext, items: Stream<u32>| {
            keep_stream.lock().unwrap().push(items.clone());
            sum(ctx, items)
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = pipeline.run(5).await.unwrap();
    let (sink, mut stream) =
        (sinks.lock().unwrap().pop().unwrap(), streams.lock().unwrap().pop().unwrap());
    assert!(sink.is_closed() && sink.send(1).await.is_err());
    assert_eq!((stream.next().await, run.output), (None, 10));
}

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

#[tokio::test]
async fn a_side_that_is_always_ready_lets_others_have_their_turn() {
    let (turns, all_sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (counter, sends, takes) = (Arc::clone(&turns), Arc::clone(&all_sent), Arc::clone(&turns));
    let pipeline = Pipeline::builder("p")
        .stream("sends", move |ctx: StepContext, n: u32, out: Sink<u32>| {
            let all_sent = Arc::clone(&sends);
            async move {
                count(ctx, n, out).await?;
                all_sent.notify_one();
                Ok::<_, StepError>(())
            }
        })
        .capacity(50_000)
        .step("takes", move |ctx: StepContext, items: Stream<u32>| {
            let (all_sent, turns) = (Arc::clone(&all_sent), Arc::clone(&takes));
            async move {
                all_sent.notified().await;
                let while_sent = turns.load(Ordering::Relaxed);
                sum(ctx, items).await?;
                Ok::<_, StepError>((while_sent, turns.load(Ordering::Relaxed) - while_sent))
            }
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let other = tokio::spawn(async move {
        loop {
            counter.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    });
    let (while_sent, while_taken) =
        tokio::spawn(pipeline.run(50_000)).await.unwrap().unwrap().output;
    other.abort();
    assert!(while_sent > 100 && while_taken > 100, "{while_sent}, {while_taken}");
}

#[tokio::test]
async fn a_run_whose_two_sides_are_always_ready_can_be_cancelled() {
    let pipeline = Pipeline::builder("p")
        .stream("endless", |_: StepContext, n: u32, out: Sink<u32>| async move {
            loop {
                out.send(n).await?;
            }
            #[expect(unreachable_code, reason = "it says what the step fails with")]
            Ok::<_, StepError>(())
        })
        .step("sum", sum)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let running = pipeline.run(0);
    let canceller = running.canceller();
    let running = tokio::spawn(running);
    yield_now().await;
    canceller.cancel();
    assert_eq!(running.await.unwrap().unwrap_err().kind(), RunErrorKind::Cancelled);
}

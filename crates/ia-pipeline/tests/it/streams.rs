//! Steps that yield a stream and steps that take one.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_util::StreamExt;
use ia_pipeline::{Pipeline, RunErrorKind, Sink, StepContext, StepError, Stream};
use tokio::sync::Notify;
use tokio::task::yield_now;

use crate::probe::poll_once;

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

pub(crate) async fn first(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
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

//! How streams end, and what each side sees of it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use ia_pipeline::{
    Closed, Pipeline, RunErrorKind, Sink, StepContext, StepError, StepStatus, Stream,
};
use tokio::task::yield_now;

use crate::probe::{Probe, poll_once};
use crate::streams::{count, doubled, first, sum};

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

//! Runs that are resumed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ia_pipeline::{
    Budget, CheckpointStore, Flow, MemoryStore, Pipeline, ResumeError, RunErrorKind, StepContext,
    StepError, usd,
};

use crate::checkpoint_probe::{Log, Trying, flag, fragile, taken, work, yields};
use crate::probe::{Probe, never};

#[tokio::test]
async fn a_failed_run_goes_on_at_the_step_that_failed() {
    let (probe, log, broken) = (Probe::new(), Log::default(), flag(true));
    let pipeline = Pipeline::builder("p")
        .step("a", work(&log))
        .checkpoint()
        .step("b", work(&log))
        .checkpoint()
        .step("c", fragile(&log, &broken))
        .checkpoint()
        .telemetry(probe.instruments())
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(taken(&log), "a b");
    broken.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!(taken(&log), "c");
    assert_eq!((run.output, run.id), (4, error.id()));
    assert_eq!((run.items, run.api_calls, run.cost), (3, 3, usd("0.03")));
    let told: Vec<_> =
        run.steps.iter().map(|step| (step.name.as_str(), step.restored, step.items)).collect();
    assert_eq!(told, [("a", true, 1), ("b", true, 1), ("c", false, 1)]);
    // Counted where it happened, once.
    assert_eq!(probe.value("items_processed_total", &[]), 3.0);
    assert_eq!(probe.value("pipeline_cost_usd_total", &[]), 0.03);
    assert_eq!((probe.runs("error"), probe.runs("success")), (1.0, 1.0));
    assert_eq!((probe.steps("a", "success"), probe.steps("c", "error")), (1.0, 1.0));
    probe.assert_settled();
}

#[tokio::test]
async fn a_resumed_run_is_in_the_trace_of_the_first() {
    let (probe, log, broken) = (Probe::new(), Log::default(), flag(true));
    let pipeline = Pipeline::builder("p")
        .step("a", work(&log))
        .checkpoint()
        .step("b", fragile(&log, &broken))
        .telemetry(probe.instruments())
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    broken.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!(run.trace_id, error.trace_id());
    assert_eq!(probe.spans().tree(), "p > a, b, p (b)");
}

#[tokio::test]
async fn a_run_that_was_dropped_at_any_poll_comes_to_the_same_end() {
    let log = Log::default();
    let expected = "a b c d";
    for polls in 0..40 {
        let store = MemoryStore::new();
        let pipeline = Pipeline::builder("p")
            .step("a", work(&log))
            .checkpoint()
            .step("b", yields(&log))
            .checkpoint()
            .step("c", yields(&log))
            .checkpoint()
            .join("d", merge(&log))
            .checkpoint()
            .flow(Flow::start("a").fan_out("a", ["b", "c"]).join(["b", "c"], "d"))
            .enable_telemetry(false)
            .checkpoint_store(Trying::slow(store.clone()))
            .build()
            .unwrap();
        let running = pipeline.run(1);
        let id = running.id();
        let finished = poll_times(running, polls).await;
        let before = taken(&log);
        if finished {
            assert_eq!(before, expected);
            assert_eq!(store.runs().await.unwrap(), [], "what succeeded is removed");
            return;
        }
        let run = match pipeline.resume(id).await {
            Ok(running) => running.await.unwrap(),
            Err(ResumeError::NotFound { .. }) => {
                assert_eq!(store.runs().await.unwrap(), [], "nothing was saved yet");
                taken(&log);
                continue;
            }
            Err(error) => panic!("after {polls} polls: {error}"),
        };
        taken(&log);
        assert_eq!((run.output, run.items, run.cost), (6, 4, usd("0.04")), "after {polls} polls");
        assert_eq!(run.steps.len(), 4, "after {polls} polls: {:?}", run.steps);
    }
    panic!("it never finished");
}

fn merge(
    log: &Log,
) -> impl Fn(StepContext, (u32, u32)) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let work = work(log);
    move |ctx, (b, c)| {
        drop(work(ctx, b + c));
        std::future::ready(Ok(b + c))
    }
}

async fn poll_times(running: ia_pipeline::Running<u32>, times: u32) -> bool {
    let mut running = Box::pin(running);
    for _ in 0..times {
        if futures_util::poll!(&mut running).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_a_resumed_run_is_what_it_had_left() {
    let second = std::time::Duration::from_secs(1);
    let clock = ia_tracing::ManualClock::new();
    let tracer = ia_tracing::Tracer::builder().clock(clock.clone()).build();
    let takes_four_seconds = move |_: StepContext, n: u32| {
        clock.advance(4 * second);
        std::future::ready(Ok::<_, io::Error>(n))
    };
    let pipeline = Pipeline::builder("p")
        .step("a", takes_four_seconds)
        .checkpoint()
        .step("b", never)
        .checkpoint_store(MemoryStore::new())
        .deadline(10 * second)
        .telemetry(tracer)
        .build()
        .unwrap();
    let mut running = Box::pin(pipeline.run(1));
    for _ in 0..5 {
        assert!(futures_util::poll!(&mut running).is_pending());
    }
    let id = running.id();
    drop(running);
    let began = tokio::time::Instant::now();
    let error = pipeline.resume(id).await.unwrap().await.unwrap_err();
    assert_eq!((error.kind(), error.duration()), (RunErrorKind::Deadline, 4 * second));
    let waited = began.elapsed();
    assert!(waited >= 6 * second && waited < 7 * second, "{waited:?}");
}

#[tokio::test]
async fn what_a_step_spent_before_it_failed_is_spent() {
    let broken = flag(true);
    let fails = Arc::clone(&broken);
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, n: u32| {
            ctx.items(1);
            ctx.api_call("maps").cost(usd("0.01")).record();
            std::future::ready(if fails.load(Ordering::Relaxed) {
                Err(io::Error::from(io::ErrorKind::NotFound))
            } else {
                Ok(n)
            })
        })
        .enable_telemetry(false)
        .budget(Budget::usd("0.03"))
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    let error = pipeline.resume(error.id()).await.unwrap().await.unwrap_err();
    assert_eq!(error.cost(), usd("0.02"));
    broken.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!((run.cost, run.api_calls, run.items), (usd("0.03"), 3, 1));
}

#[tokio::test]
async fn a_run_that_fails_again_and_again_cannot_spend_more_than_its_budget() {
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, _: u32| {
            let reserved = ctx.reserve(usd("0.01"));
            std::future::ready(match reserved {
                Ok(reserved) => {
                    reserved.settle(usd("0.01"));
                    Err::<u32, _>(StepError::msg("no"))
                }
                Err(exceeded) => Err(exceeded.into()),
            })
        })
        .enable_telemetry(false)
        .budget(Budget::usd("0.02"))
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let mut error = pipeline.run(1).await.unwrap_err();
    for _ in 0..3 {
        error = pipeline.resume(error.id()).await.unwrap().await.unwrap_err();
    }
    assert_eq!((error.error_type(), error.cost()), ("budget_exceeded", usd("0.02")));
}

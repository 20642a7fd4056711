//! Runs with branches, loops and streams that are resumed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ia_pipeline::{Flow, MemoryStore, Pipeline, Policy, Sink, StepContext, StepError, Stream, usd};

use crate::checkpoint_probe::{Log, flag, fragile, taken, work};
use crate::probe::same;

#[tokio::test]
async fn a_step_whose_output_is_not_saved_runs_again_only_where_it_is_needed() {
    let (log, broken, last) = (Log::default(), flag(true), flag(true));
    let pipeline = Pipeline::builder("p")
        .step("a", work(&log))
        .step("b", work(&log))
        .step("c", fragile(&log, &broken))
        .checkpoint()
        .step("d", fragile(&log, &last))
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(taken(&log), "a b");
    broken.store(false, Ordering::Relaxed);
    let error = pipeline.resume(error.id()).await.unwrap().await.unwrap_err();
    assert_eq!(taken(&log), "a b c", "c needs what a and b gave");
    last.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!(taken(&log), "d", "nobody needs what a and b gave");
    // What ran twice was paid twice; the items are the same.
    assert_eq!((run.output, run.items, run.cost), (5, 4, usd("0.06")));
}

#[tokio::test]
async fn loops_skips_and_tolerated_failures_are_as_they_were() {
    let (log, broken) = (Log::default(), flag(true));
    let pipeline = Pipeline::builder("p")
        .step("a", work(&log))
        .checkpoint()
        .step("never", same)
        .checkpoint()
        .step("optional", |_: StepContext, _: u32| {
            std::future::ready(Err::<u32, _>(StepError::msg("no")))
        })
        .policy(Policy::new().continue_on_error())
        .checkpoint()
        .join("z", |_: StepContext, (n, no): (u32, Option<u32>)| {
            assert_eq!(no, None);
            std::future::ready(Ok::<_, io::Error>(n))
        })
        .checkpoint()
        .step("last", fragile(&log, &broken))
        .flow(
            Flow::start("a")
                .repeat("a", |n: &u32| *n < 4, "a", 3)
                .when("a", |n: &u32| *n > 100, "never")
                .edge("a", "optional")
                .edge("a", "z")
                .edge("optional", "z")
                .edge("z", "last"),
        )
        .output::<u32>()
        .enable_telemetry(false)
        .build();
    // `checkpoint_store` is called where the type of the input is known: after the first step.
    assert!(pipeline.is_ok());
    let build = |broken: &Arc<AtomicBool>| {
        Pipeline::builder("p")
            .step("a", work(&log))
            .checkpoint()
            .checkpoint_store(MemoryStore::new())
            .step("optional", |_: StepContext, _: u32| {
                std::future::ready(Err::<u32, _>(StepError::msg("no")))
            })
            .policy(Policy::new().continue_on_error())
            .checkpoint()
            .join("z", |_: StepContext, (n, no): (u32, Option<u32>)| {
                assert_eq!(no, None);
                std::future::ready(Ok::<_, io::Error>(n))
            })
            .checkpoint()
            .step("last", fragile(&log, broken))
            .flow(
                Flow::start("a")
                    .repeat("a", |n: &u32| *n < 4, "a", 3)
                    .edge("a", "optional")
                    .edge("a", "z")
                    .edge("optional", "z")
                    .edge("z", "last"),
            )
            .enable_telemetry(false)
            .build()
            .unwrap()
    };
    let pipeline = build(&broken);
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(taken(&log), "a a a");
    broken.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!((taken(&log).as_str(), run.output, run.items), ("last", 5, 4));
}

#[tokio::test]
async fn the_limit_of_a_loop_counts_the_rounds_before_the_resume() {
    let (tries, broken) = (Arc::new(AtomicU32::new(0)), flag(true));
    let (counted, fails) = (Arc::clone(&tries), Arc::clone(&broken));
    let pipeline = Pipeline::builder("p")
        .step("a", move |_: StepContext, n: u32| {
            let tries = counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(if tries == 2 && fails.load(Ordering::Relaxed) {
                Err(io::Error::from(io::ErrorKind::NotFound))
            } else {
                Ok(n)
            })
        })
        .checkpoint()
        .checkpoint_store(MemoryStore::new())
        .flow(Flow::start("a").repeat("a", |_: &u32| true, "a", 3))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(error.error_type(), "NotFound");
    broken.store(false, Ordering::Relaxed);
    let error = pipeline.resume(error.id()).await.unwrap().await.unwrap_err();
    assert_eq!(error.error_type(), "loop_limit");
    assert_eq!(tries.load(Ordering::Relaxed), 5, "once, three rounds, and the attempt that failed");
}

#[tokio::test]
async fn steps_that_streams_connect_run_again_together_or_not_at_all() {
    let (log, broken, last) = (Log::default(), flag(true), flag(true));
    let (first, second) = (Arc::clone(&log), Arc::clone(&log));
    let fails = Arc::clone(&broken);
    let pipeline = Pipeline::builder("p")
        .stream("read", move |_: StepContext, n: u32, out: Sink<u32>| {
            first.lock().unwrap().push("read".to_owned());
            async move {
                for item in 0..n {
                    out.send(item).await?;
                }
                Ok::<_, StepError>(())
            }
        })
        .checkpoint_store(MemoryStore::new())
        .step("sum", move |_: StepContext, mut items: Stream<u32>| {
            second.lock().unwrap().push("sum".to_owned());
            let fails = fails.load(Ordering::Relaxed);
            async move {
                let mut sum = 0;
                while let Some(item) = items.next().await {
                    sum += item;
                    if sum > 5 && fails {
                        return Err(StepError::msg("too much"));
                    }
                    if sum > 10 {
                        break;
                    }
                }
                Ok(sum)
            }
        })
        .checkpoint()
        .step("last", fragile(&log, &last))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(100).await.unwrap_err();
    assert_eq!(taken(&log), "read sum");
    broken.store(false, Ordering::Relaxed);
    let error = pipeline.resume(error.id()).await.unwrap().await.unwrap_err();
    assert_eq!((taken(&log).as_str(), error.step()), ("read sum", Some("last")));
    last.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!((taken(&log).as_str(), run.output), ("last", 16));
}

#[tokio::test]
async fn a_value_from_outside_a_loop_is_there_in_each_of_its_rounds() {
    let (log, broken) = (Log::default(), flag(false));
    let fails = Arc::clone(&broken);
    let pipeline = Pipeline::builder("p")
        .step("start", work(&log))
        .checkpoint_store(MemoryStore::new())
        .step("body", work(&log))
        .checkpoint()
        .join("j", move |_: StepContext, (outside, body): (u32, u32)| {
            let sum = outside + body;
            std::future::ready(if fails.swap(sum < 6, Ordering::Relaxed) {
                Err(io::Error::from(io::ErrorKind::NotFound))
            } else {
                Ok(sum)
            })
        })
        .checkpoint()
        .flow(
            Flow::start("start").edge("start", "j").edge("start", "body").edge("body", "j").repeat(
                "j",
                |n: &u32| *n < 10,
                "body",
                10,
            ),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut result = pipeline.run(1).await;
    while let Err(error) = result {
        assert_eq!(error.error_type(), "NotFound");
        result = pipeline.resume(error.id()).await.unwrap().await;
    }
    assert_eq!(result.unwrap().output, 11);
}

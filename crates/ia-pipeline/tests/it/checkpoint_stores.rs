//! Stores that fail, hang and hold runs that somebody else resumes.

use std::io;
use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use ia_pipeline::{MemoryStore, Pipeline, RunErrorKind, StepContext};

use crate::checkpoint_probe::{Log, Trying, flag, fragile, taken, work, yields};
use crate::probe::{Probe, fail, same};

#[tokio::test]
async fn a_run_that_is_resumed_elsewhere_ends_here() {
    let log = Log::default();
    let store = MemoryStore::new();
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let told = told.shared();
    let waits = move |ctx: StepContext, n: u32| {
        let told = told.clone();
        async move {
            ctx.items(1);
            told.await.ok();
            Ok::<_, io::Error>(n)
        }
    };
    let pipeline = Pipeline::builder("p")
        .step("a", work(&log))
        .checkpoint()
        .step("b", waits)
        .checkpoint()
        .step("c", work(&log))
        .checkpoint_store(store)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut first = Box::pin(pipeline.run(1));
    for _ in 0..5 {
        assert!(futures_util::poll!(&mut first).is_pending());
    }
    let second = pipeline.resume(first.id()).await.unwrap();
    tell.send(()).unwrap();
    let error = first.await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (RunErrorKind::Checkpoint, "checkpoint"));
    assert!(error.to_string().contains("resumed elsewhere"), "{error}");
    assert_eq!(second.await.unwrap().items, 3);
    assert_eq!(taken(&log), "a c");
}

#[tokio::test]
async fn a_run_that_cannot_be_saved_ends_and_can_be_resumed_from_what_is_saved() {
    let (log, store, probe) = (Log::default(), MemoryStore::new(), Probe::new());
    let build = |saves: u32| {
        Pipeline::builder("p")
            .step("a", work(&log))
            .checkpoint()
            .step("b", work(&log))
            .checkpoint()
            .telemetry(probe.instruments())
            .checkpoint_store(Trying::full_after(saves, store.clone()))
            .build()
            .unwrap()
    };
    let error = build(2).run(1).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Checkpoint);
    assert!(error.to_string().contains("no space left"), "{error}");
    assert_eq!(taken(&log), "a b");
    let run = build(9).resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!((taken(&log).as_str(), run.output, run.items), ("b", 3, 2));
    probe.assert_settled();
}

#[tokio::test]
async fn an_output_that_json_cannot_hold_ends_the_run_with_the_step_named() {
    type Odd = std::collections::BTreeMap<(u8, u8), u8>;
    let pipeline = Pipeline::builder("p")
        .step("odd", |_: StepContext, n: u8| {
            std::future::ready(Ok::<_, io::Error>(Odd::from([((n, n), n)])))
        })
        .checkpoint()
        .checkpoint_store(MemoryStore::new())
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (RunErrorKind::Checkpoint, Some("odd")));
    assert!(
        error.to_string().contains("cannot be written as JSON: key must be a string"),
        "{error}"
    );
}

#[tokio::test]
async fn a_failure_while_a_save_is_under_way_is_told_as_what_it_is() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", fail)
        .telemetry(probe.instruments())
        .checkpoint_store(Trying::slow(MemoryStore::new()))
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (RunErrorKind::Step, Some("s")));
    assert_eq!((probe.runs("error"), probe.runs("cancelled")), (1.0, 0.0));
    probe.assert_settled();
}

#[tokio::test]
async fn who_comes_late_to_a_run_that_has_been_finished_elsewhere_does_not_finish_it_again() {
    let (log, broken) = (Log::default(), flag(true));
    let pipeline = Pipeline::builder("p")
        .step("a", work(&log))
        .checkpoint()
        .step("b", fragile(&log, &broken))
        .checkpoint()
        .step("c", yields(&log))
        .checkpoint()
        .enable_telemetry(false)
        .checkpoint_store(MemoryStore::new())
        .build()
        .unwrap();
    let id = pipeline.run(1).await.unwrap_err().id();
    broken.store(false, Ordering::Relaxed);
    let late = pipeline.resume(id).await.unwrap();
    let first = pipeline.resume(id).await.unwrap();
    first.await.unwrap();
    let error = late.await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Checkpoint);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_as_it_forgets_a_run_holds_up_nobody_for_long() {
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .checkpoint_store(Trying::clinging())
        .max_concurrent_runs(1)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let began = tokio::time::Instant::now();
    let (first, second) = tokio::join!(pipeline.run(1), pipeline.run(2));
    assert_eq!((first.unwrap().output, second.unwrap().output), (1, 2));
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_store_that_panics_is_a_store_that_failed() {
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .checkpoint_store(Trying::clinging())
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.resume("00000000000000ff".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("panicked: on purpose"), "{error}");
}

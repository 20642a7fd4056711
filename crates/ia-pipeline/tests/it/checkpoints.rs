//! Runs that are resumed.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use ia_pipeline::{
    Budget, CheckpointStore, Flow, MemoryStore, Pipeline, Policy, ResumeError, RunErrorKind, RunId,
    Sink, StepContext, StepError, StoreError, Stream, usd,
};

use crate::probe::{Probe, never, same};

/// Which steps ran, in that order.
type Log = Arc<Mutex<Vec<String>>>;

/// A step that notes its name, reports an item and a cent, and gives one more.
fn work(
    log: &Log,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let log = Arc::clone(log);
    move |ctx, n| {
        log.lock().unwrap().push(ctx.step_name().to_owned());
        ctx.items(1);
        ctx.api_call("maps").cost(usd("0.01")).record();
        std::future::ready(Ok(n + 1))
    }
}

/// As [`work`], but fails while it is told to.
fn fragile(
    log: &Log,
    broken: &Arc<AtomicBool>,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let (work, broken) = (work(log), Arc::clone(broken));
    move |ctx, n| {
        if broken.load(Ordering::Relaxed) {
            std::future::ready(Err(io::Error::from(io::ErrorKind::NotFound)))
        } else {
            work(ctx, n)
        }
    }
}

fn taken(log: &Log) -> String {
    std::mem::take(&mut *log.lock().unwrap()).join(" ")
}

fn flag(set: bool) -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(set))
}

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
            .checkpoint_store(Slow(store.clone()))
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

/// As [`work`], after having given way twice.
fn yields(
    log: &Log,
) -> impl Fn(StepContext, u32) -> futures_util::future::BoxFuture<'static, Result<u32, io::Error>> + use<>
{
    let work = Arc::new(work(log));
    move |ctx, n| {
        let work = Arc::clone(&work);
        async move {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            work(ctx, n).await
        }
        .boxed()
    }
}

fn merge(
    log: &Log,
) -> impl Fn(StepContext, (u32, u32)) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let work = work(log);
    move |ctx, (b, c)| {
        work(ctx, b + c).map(|_| ()).now_or_never();
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

/// A store that takes its time.
struct Slow(MemoryStore);

impl CheckpointStore for Slow {
    async fn save(&self, run: RunId, revision: u64, checkpoint: Vec<u8>) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        let saved = self.0.save(run, revision, checkpoint).await;
        tokio::task::yield_now().await;
        saved
    }

    async fn load(&self, run: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.load(run).await
    }

    async fn remove(&self, run: RunId) -> Result<(), StoreError> {
        self.0.remove(run).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        self.0.runs().await
    }
}

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

/// A store whose disk is full after so many saves.
struct Full(MemoryStore, AtomicU32);

impl CheckpointStore for Full {
    async fn save(&self, run: RunId, revision: u64, checkpoint: Vec<u8>) -> Result<(), StoreError> {
        let left = |left: u32| left.checked_sub(1);
        if self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_err() {
            return Err(StoreError::other("no space left"));
        }
        self.0.save(run, revision, checkpoint).await
    }

    async fn load(&self, run: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.load(run).await
    }

    async fn remove(&self, run: RunId) -> Result<(), StoreError> {
        self.0.remove(run).await
    }

    async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        self.0.runs().await
    }
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
            .checkpoint_store(Full(store.clone(), AtomicU32::new(saves)))
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

#[tokio::test]
async fn a_failure_while_a_save_is_under_way_is_told_as_what_it_is() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", crate::probe::fail)
        .telemetry(probe.instruments())
        .checkpoint_store(Slow(MemoryStore::new()))
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

/// A store that never forgets.
struct Clinging(MemoryStore);

impl CheckpointStore for Clinging {
    async fn save(&self, run: RunId, revision: u64, checkpoint: Vec<u8>) -> Result<(), StoreError> {
        self.0.save(run, revision, checkpoint).await
    }

    async fn load(&self, _: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        panic!("on purpose")
    }

    async fn remove(&self, _: RunId) -> Result<(), StoreError> {
        std::future::pending().await
    }

    async fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        self.0.runs().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_as_it_forgets_a_run_holds_up_nobody_for_long() {
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .checkpoint_store(Clinging(MemoryStore::new()))
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
        .checkpoint_store(Clinging(MemoryStore::new()))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.resume("00000000000000ff".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("panicked: on purpose"), "{error}");
}

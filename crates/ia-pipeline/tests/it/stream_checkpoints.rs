//! Runs with streams that are resumed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use ia_pipeline::{
    MemoryStore, Pipeline, RunErrorKind, Sink, StepContext, StepError, Stream, StreamStep,
};

use crate::probe::Probe;
use crate::streams::{count, sum};

/// The steps that ran, and whether the last one fails.
#[derive(Clone, Default)]
struct World {
    log: Arc<Mutex<Vec<String>>>,
    broken: Arc<AtomicBool>,
}

impl World {
    fn note(&self, ctx: &StepContext) {
        self.log.lock().unwrap().push(ctx.step_name().to_owned());
    }

    fn ran(&self) -> String {
        std::mem::take(&mut *self.log.lock().unwrap()).join(" ")
    }
}

struct Yields(World);

impl StreamStep for Yields {
    type In = u32;
    type Item = u32;

    async fn run(&self, ctx: StepContext, n: u32, out: Sink<u32>) -> Result<(), StepError> {
        self.0.note(&ctx);
        count(ctx, n, out).await
    }
}

/// `start`, `yields`, `takes` and `last`, which fails while the world is broken. Of the steps between them, `takes` is
/// broken instead where it is to be.
fn pipeline(
    world: &World,
    probe: &Probe,
    takes_all: bool,
    takes_fails: bool,
) -> Pipeline<u32, u32> {
    let (start, takes, last) = (world.clone(), world.clone(), world.clone());
    Pipeline::builder("p")
        .step("start", move |ctx: StepContext, n: u32| {
            start.note(&ctx);
            async move { Ok::<_, StepError>(n + 1) }
        })
        .checkpoint()
        .stream("yields", Yields(world.clone()))
        .capacity(3)
        .step("takes", move |ctx: StepContext, mut items: Stream<u32>| {
            takes.note(&ctx);
            let broken = takes_fails && takes.broken.load(Ordering::Relaxed);
            async move {
                if takes_all {
                    let sum = sum(ctx, items).await?;
                    return if broken { Err(StepError::msg("broken")) } else { Ok(sum) };
                }
                Ok(items.next().await.unwrap_or(99))
            }
        })
        .checkpoint()
        .step("last", move |ctx: StepContext, n: u32| {
            last.note(&ctx);
            let broken = !takes_fails && last.broken.load(Ordering::Relaxed);
            async move { if broken { Err(StepError::msg("broken")) } else { Ok(n) } }
        })
        .checkpoint_store(MemoryStore::new())
        .telemetry(probe.instruments())
        .build()
        .unwrap()
}

/// Runs into the failure, mends it and resumes; which steps ran, before and after.
async fn resumed(takes_all: bool, takes_fails: bool) -> (u32, String, String) {
    let (world, probe) = (World::default(), Probe::new());
    let pipeline = pipeline(&world, &probe, takes_all, takes_fails);
    world.broken.store(true, Ordering::Relaxed);
    let error = pipeline.run(9).await.unwrap_err();
    let before = world.ran();
    world.broken.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    probe.assert_settled();
    assert_eq!(run.items, 0, "what was sent is not what the run processed");
    let yields = run.steps.iter().find(|step| step.name == "yields").unwrap();
    assert!(yields.items >= 1 && (!takes_all || yields.items == 10), "{yields:?}");
    (run.output, before, world.ran())
}

#[tokio::test]
async fn a_step_that_failed_on_a_stream_gets_all_of_its_items_when_the_run_is_resumed() {
    let expected = (45, "start yields takes".to_owned(), "yields takes last".to_owned());
    assert_eq!(resumed(true, true).await, expected);
}

#[tokio::test]
async fn what_a_stream_came_to_is_not_worked_out_again() {
    let expected = (45, "start yields takes last".to_owned(), "last".to_owned());
    assert_eq!(resumed(true, false).await, expected);
}

#[tokio::test]
async fn a_stream_that_was_not_taken_to_its_end_is_not_yielded_again() {
    let expected = (0, "start yields takes last".to_owned(), "last".to_owned());
    assert_eq!(resumed(false, false).await, expected);
}

#[tokio::test]
async fn a_step_that_was_still_yielding_finds_its_stream_closed_when_the_run_is_resumed() {
    let (broken, log) = (Arc::new(AtomicBool::new(true)), World::default());
    let (slow, takes) = (Arc::clone(&broken), log.clone());
    let pipeline = Pipeline::builder("p")
        .stream("yields", move |_: StepContext, n: u32, out: Sink<u32>| {
            let broken = slow.load(Ordering::Relaxed);
            async move {
                out.send(n).await?;
                out.closed().await;
                if broken {
                    Err(StepError::msg("broken"))
                } else {
                    out.send(n).await.map_err(Into::into)
                }
            }
        })
        .step("takes", move |ctx: StepContext, mut items: Stream<u32>| {
            takes.note(&ctx);
            async move { items.next().await.ok_or_else(|| StepError::msg("there is none")) }
        })
        .checkpoint()
        .checkpoint_store(MemoryStore::new())
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(3).await.unwrap_err();
    assert_eq!((error.step(), log.ran()), (Some("yields"), "takes".to_owned()));
    broken.store(false, Ordering::Relaxed);
    let run = pipeline.resume(error.id()).await.unwrap().await.unwrap();
    assert_eq!((run.output, log.ran()), (3, String::new()));
}

#[tokio::test]
async fn a_step_that_takes_a_stream_can_ask_and_one_that_yields_cannot() {
    let pipeline = |yields_asks: bool| {
        Pipeline::builder("p")
            .stream("yields", move |ctx: StepContext, n: u32, out: Sink<u32>| async move {
                if yields_asks {
                    ctx.ask::<bool>("Go on?")?;
                }
                count(ctx, n, out).await
            })
            .step("takes", |ctx: StepContext, items: Stream<u32>| async move {
                let more: u32 = ctx.ask("How many more?")?;
                Ok::<_, StepError>(sum(ctx, items).await? + more)
            })
            .checkpoint_store(MemoryStore::new())
            .enable_telemetry(false)
            .build()
            .unwrap()
    };
    let asks = pipeline(false);
    let paused = asks.run(10).await.unwrap_err();
    assert_eq!(paused.kind(), RunErrorKind::Paused);
    let token = paused.pauses()[0].token;
    assert_eq!(asks.resume_with(token, &5).await.unwrap().await.unwrap().output, 50);
    let error = pipeline(true).run(10).await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (RunErrorKind::Step, Some("yields")));
    assert!(error.to_string().contains("in the one that takes the stream"), "{error}");
}

//! What streams leave behind: items, depth, and how long each side waited.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt;
use ia_metrics_core::Registry;
use ia_pipeline::{Pipeline, Running, Sink, StepContext, StepError, Stream};
use ia_tracing::{Clock, ManualClock, Tracer};
use tokio::sync::Notify;

use crate::probe::{Probe, poll_once, same};
use crate::streams::{count, doubled, sum};

const SECOND: Duration = Duration::from_secs(1);

fn timed() -> (Probe, ManualClock) {
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(clock.clone()).memory(100).build();
    (Probe { registry: Registry::new(), tracer }, clock)
}

/// `count` into a step that takes one item each time it is told to.
fn told(probe: &Probe, capacity: usize) -> (Pipeline<u32, u32>, Arc<Notify>) {
    let told = Arc::new(Notify::new());
    let tells = Arc::clone(&told);
    let takes = move |_: StepContext, mut items: Stream<u32>| {
        let told = Arc::clone(&tells);
        async move {
            told.notified().await;
            while items.next().await.is_some() {
                told.notified().await;
            }
            Ok::<_, StepError>(1)
        }
    };
    let pipeline = Pipeline::builder("p")
        .stream("s", count)
        .capacity(capacity)
        .step("takes", takes)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    (pipeline, told)
}

/// Polls until nothing more can happen.
fn settle(running: &mut Running<u32>) -> bool {
    (0..10).any(|_| poll_once(running))
}

fn depth(probe: &Probe) -> f64 {
    probe.value("step_stream_depth", &[("step_name", "s")])
}

fn blocked(probe: &Probe, side: &str) -> f64 {
    probe.value("step_stream_blocked_seconds_total", &[("step_name", "s"), ("side", side)])
}

#[test]
fn the_depth_is_how_many_items_wait_in_all_runs() {
    let (probe, _) = timed();
    let (pipeline, told) = told(&probe, 3);
    let (mut one, mut other) = (pipeline.run(10), pipeline.run(2));
    assert!(!settle(&mut one));
    assert_eq!(depth(&probe), 3.0);
    assert!(!settle(&mut other));
    assert_eq!(depth(&probe), 5.0);
    drop(one);
    assert_eq!(depth(&probe), 2.0);
    told.notify_one();
    assert!(!settle(&mut other));
    assert_eq!(depth(&probe), 1.0);
    drop(other);
    assert_eq!(depth(&probe), 0.0);
}

#[test]
fn items_that_nobody_wants_any_more_do_not_wait() {
    let (probe, _) = timed();
    let pipeline = Pipeline::builder("p")
        .stream("s", |_: StepContext, n: u32, out: Sink<u32>| async move {
            out.send(n).await?;
            out.send(n).await?;
            out.closed().await;
            std::future::pending::<Result<(), StepError>>().await
        })
        .step("takes", |_: StepContext, mut items: Stream<u32>| async move {
            items.next().await.ok_or_else(|| StepError::msg("there is none"))
        })
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut running = pipeline.run(1);
    assert!(!settle(&mut running));
    assert_eq!((probe.steps("takes", "success"), depth(&probe)), (1.0, 0.0));
}

#[test]
fn the_depth_comes_back_when_the_registry_is_switched_off_in_between() {
    let (probe, _) = timed();
    let (pipeline, _told) = told(&probe, 3);
    let mut running = pipeline.run(10);
    assert!(!settle(&mut running));
    probe.registry.set_enabled(false);
    drop(running);
    probe.registry.set_enabled(true);
    assert_eq!(depth(&probe), 0.0);
}

#[test]
fn both_sides_are_timed_while_they_wait() {
    let (probe, clock) = timed();
    let (pipeline, told) = told(&probe, 1);
    let mut running = pipeline.run(3);
    assert!(!settle(&mut running));
    // One waits in the stream, and the step waits for room for the second.
    clock.advance(2 * SECOND);
    told.notify_one();
    assert!(!settle(&mut running));
    assert_eq!((blocked(&probe, "send"), blocked(&probe, "receive")), (2.0, 0.0));
    clock.advance(3 * SECOND);
    told.notify_one();
    assert!(!settle(&mut running));
    // All have been sent: nobody waits but who is told.
    clock.advance(100 * SECOND);
    assert_eq!((blocked(&probe, "send"), blocked(&probe, "receive")), (5.0, 0.0));
    told.notify_one();
    assert!(!settle(&mut running));
    told.notify_one();
    assert!(settle(&mut running));
    assert_eq!((blocked(&probe, "send"), blocked(&probe, "receive")), (5.0, 0.0));
}

#[test]
fn a_wait_that_is_given_up_counts_too() {
    let (probe, clock) = timed();
    let (pipeline, _told) = told(&probe, 1);
    let mut running = pipeline.run(3);
    assert!(!settle(&mut running));
    clock.advance(7 * SECOND);
    drop(running);
    assert_eq!(blocked(&probe, "send"), 7.0);
}

/// A step that sends one item each time it is told to, into one that takes them all.
fn sends_when_told<F, Fut>(probe: &Probe, takes: F) -> (Pipeline<u32, u32>, Arc<Notify>)
where
    F: Fn(StepContext, Stream<u32>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u32, StepError>> + Send + 'static,
{
    let told = Arc::new(Notify::new());
    let tells = Arc::clone(&told);
    let sends = move |_: StepContext, n: u32, out: Sink<u32>| {
        let told = Arc::clone(&tells);
        async move {
            for item in 0..n {
                told.notified().await;
                out.send(item).await?;
            }
            Ok::<_, StepError>(())
        }
    };
    let steps = Pipeline::builder("p").stream("s", sends).step("takes", takes);
    (steps.telemetry(probe.instruments()).build().unwrap(), told)
}

#[test]
fn a_step_that_waits_for_items_is_timed_whichever_way_it_takes_them() {
    let by_next = timed();
    let by_trait = timed();
    let pipelines = [
        (&by_next, sends_when_told(&by_next.0, sum)),
        (
            &by_trait,
            sends_when_told(&by_trait.0, |_: StepContext, items: Stream<u32>| async move {
                Ok(items.fold(0, |sum, item| async move { sum + item }).await)
            }),
        ),
    ];
    for ((probe, clock), (pipeline, told)) in pipelines {
        let mut running = pipeline.run(2);
        assert!(!settle(&mut running));
        for seconds in 1..=2 {
            clock.advance(seconds * SECOND);
            told.notify_one();
            let ended = settle(&mut running);
            assert_eq!(ended, seconds == 2);
            // The second wait begins where the first one ends.
            assert_eq!(blocked(probe, "receive"), [1.0, 3.0][seconds as usize - 1]);
        }
        assert_eq!(blocked(probe, "send"), 0.0);
    }
}

#[test]
fn nobody_reads_the_clock_for_an_item_that_need_not_wait() {
    struct Counting(Arc<AtomicUsize>);
    impl Clock for Counting {
        fn now(&self) -> Instant {
            self.0.fetch_add(1, Ordering::Relaxed);
            ManualClock::new().now()
        }
        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }
    }
    let reads = Arc::new(AtomicUsize::new(0));
    let tracer = Tracer::builder().clock(Counting(Arc::clone(&reads))).memory(100).build();
    let probe = Probe { registry: Registry::new(), tracer };
    let pipeline = Pipeline::builder("p")
        .stream("s", count)
        .capacity(1_000)
        .step("sum", sum)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let reads_for = |items| {
        let before = reads.load(Ordering::Relaxed);
        assert!(settle(&mut pipeline.run(items)));
        reads.load(Ordering::Relaxed) - before
    };
    assert_eq!(reads_for(10), reads_for(1_000));
}

#[tokio::test]
async fn items_are_counted_per_step() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("s", count)
        .stream("halved", |_: StepContext, mut items: Stream<u32>, out: Sink<u32>| async move {
            while let Some(item) = items.next().await {
                if item % 2 == 0 {
                    out.send(item).await?;
                }
            }
            Ok::<_, StepError>(())
        })
        .step("takes", |ctx: StepContext, items: Stream<u32>| async move {
            ctx.items(7);
            sum(ctx, items).await
        })
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = pipeline.run(100).await.unwrap();
    let of = |step: &str| probe.value("step_items_total", &[("step_name", step)]);
    assert_eq!((of("s"), of("halved"), of("takes")), (100.0, 50.0, 7.0));
    let mut items: Vec<_> = run.steps.iter().map(|step| (&*step.name, step.items)).collect();
    items.sort_unstable();
    assert_eq!(items, [("halved", 50), ("s", 100), ("takes", 7)]);
    // What goes from step to step is not what the run processed.
    assert_eq!((run.items, probe.value("items_processed_total", &[])), (7, 7.0));
}

#[tokio::test]
async fn a_step_is_one_span_over_its_whole_life() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("s", count)
        .capacity(1)
        .stream("doubled", doubled)
        .step("sum", sum)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    pipeline.run(20).await.unwrap();
    assert_eq!(probe.spans().tree(), "p > s, doubled, sum");
    let duration = |step| probe.value("step_duration_seconds", &[("step_name", step)]);
    assert_eq!((duration("s"), duration("doubled"), duration("sum")), (1.0, 1.0, 1.0));
}

#[test]
fn the_series_of_streams_are_there_at_zero_where_there_are_streams() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").stream("s", count).step("t", sum).step("u", same);
    let _pipeline = steps.telemetry(probe.instruments()).build().unwrap();
    let snapshot = probe.registry.snapshot();
    let value = |name, labels: &[(&str, &str)]| {
        snapshot.value(name, labels.iter().copied().chain([("pipeline_name", "p")]))
    };
    assert_eq!(value("step_stream_depth", &[("step_name", "s")]), Some(0.0));
    assert_eq!(value("step_stream_depth", &[("step_name", "t")]), None);
    for side in ["send", "receive"] {
        let labels = [("step_name", "s"), ("side", side)];
        assert_eq!(value("step_stream_blocked_seconds_total", &labels), Some(0.0), "{side}");
    }
    for step in ["s", "t", "u"] {
        assert_eq!(value("step_items_total", &[("step_name", step)]), Some(0.0), "{step}");
    }
}

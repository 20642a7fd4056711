//! What is timed, by a clock that only moves when it is told to.

use std::io;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use ia_metrics_core::{DataPoint, Registry};
use ia_pipeline::{Backoff, Instruments, Pipeline, Policy, RateLimit, Running, StepContext};
use ia_tracing::{ManualClock, Tracer};

use crate::probe::{Probe, same};

const SECOND: Duration = Duration::from_secs(1);

fn timed() -> (Probe, ManualClock) {
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(clock.clone()).memory(100).build();
    (Probe { registry: Registry::new(), tracer }, clock)
}

/// The seconds that a histogram has seen, all together.
fn seconds(probe: &Probe, metric: &str, step: Option<&str>) -> f64 {
    let snapshot = probe.registry.snapshot();
    let is_wanted = |(name, value): (&str, &str)| name != "step_name" || step == Some(value);
    let series = snapshot.family(metric).unwrap().series();
    series
        .filter(|series| series.labels().all(is_wanted))
        .map(|series| match series.point() {
            DataPoint::Histogram(point) => point.sum().as_f64(),
            _ => panic!("`{metric}` is no histogram"),
        })
        .sum()
}

/// A step that takes so many seconds.
fn takes(
    clock: &ManualClock,
    seconds: u32,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let clock = clock.clone();
    move |_, n| {
        clock.advance(seconds * SECOND);
        std::future::ready(Ok(n))
    }
}

fn poll(running: &mut Running<u32>) -> bool {
    Pin::new(running).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_run_takes_as_long_as_its_steps() {
    let (probe, clock) = timed();
    let pipeline = Pipeline::builder("p")
        .step("a", takes(&clock, 2))
        .step("b", takes(&clock, 3))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = pipeline.run(1).now_or_never().unwrap().unwrap();
    assert_eq!(run.duration, 5 * SECOND);
    assert_eq!((run.steps[0].duration, run.steps[1].duration), (2 * SECOND, 3 * SECOND));
    assert_eq!(seconds(&probe, "pipeline_duration_seconds", None), 5.0);
    assert_eq!(seconds(&probe, "step_duration_seconds", Some("a")), 2.0);
    assert_eq!(seconds(&probe, "step_duration_seconds", Some("b")), 3.0);
    assert_eq!(probe.span("p").duration(), 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_step_takes_its_attempts_and_its_fallback_but_not_the_waits_between() {
    let (probe, clock) = timed();
    let fails = clock.clone();
    let pipeline = Pipeline::builder("p")
        .step("s", move |_: StepContext, _: u32| {
            fails.advance(2 * SECOND);
            std::future::ready(Err::<u32, _>(io::Error::from(io::ErrorKind::NotFound)))
        })
        .policy(Policy::retry(1).backoff(Backoff::exponential(SECOND, SECOND)))
        .fallback(takes(&clock, 3))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = tokio::spawn(pipeline.run(1));
    tokio::time::sleep(SECOND / 4).await;
    // The step waits, between its attempts.
    clock.advance(100 * SECOND);
    let run = run.await.unwrap().unwrap();
    assert_eq!((run.duration, run.steps[0].duration), (107 * SECOND, 7 * SECOND));
    assert_eq!(seconds(&probe, "step_duration_seconds", Some("s")), 7.0);
    assert_eq!(probe.span("s").duration(), 107 * SECOND);
}

#[test]
fn a_step_that_waits_for_its_permit_does_not_take_longer() {
    let (probe, clock) = timed();
    let busy = clock.clone();
    let pipeline = Pipeline::builder("p")
        .step("s", move |_: StepContext, n: u32| {
            busy.advance(SECOND);
            async move { if n == 0 { std::future::pending().await } else { Ok::<_, io::Error>(n) } }
        })
        .max_concurrency(1)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let (mut first, mut second) = (pipeline.run(0), pipeline.run(1));
    assert!(!poll(&mut first) && !poll(&mut second));
    clock.advance(7 * SECOND);
    drop(first);
    let run = second.now_or_never().unwrap().unwrap();
    assert_eq!(seconds(&probe, "step_queue_wait_seconds", Some("s")), 7.0);
    assert_eq!((run.duration, run.steps[0].duration), (8 * SECOND, SECOND));
    // Of the run that was dropped, 8 seconds; of the other, 1.
    assert_eq!(seconds(&probe, "step_duration_seconds", Some("s")), 9.0);
}

#[tokio::test(start_paused = true)]
async fn a_step_waits_once_for_its_permit_and_its_rate_and_does_not_take_longer_for_it() {
    let (probe, clock) = timed();
    let pipeline = Pipeline::builder("p")
        .step("s", |_: StepContext, n: u32| async move {
            if n == 0 { std::future::pending().await } else { Ok::<_, io::Error>(n) }
        })
        .policy(Policy::new().max_concurrency(1).rate_limit(RateLimit::per_minute(1)))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let (mut first, mut second) = (pipeline.run(0), pipeline.run(1));
    assert!(!poll(&mut first) && !poll(&mut second));
    clock.advance(7 * SECOND);
    drop(first);
    // It has its permit now, but the first one used the rate.
    assert!(!poll(&mut second));
    clock.advance(3 * SECOND);
    let run = second.await.unwrap();
    assert_eq!((run.duration, run.steps[0].duration), (10 * SECOND, Duration::ZERO));
    assert_eq!(seconds(&probe, "step_queue_wait_seconds", Some("s")), 10.0);
    assert_eq!(probe.value("step_queue_wait_seconds", &[("step_name", "s")]), 2.0);
}

#[test]
fn a_run_that_waits_for_its_permit_does_not_take_longer() {
    let (probe, clock) = timed();
    let pipeline = Pipeline::builder("p")
        .step("s", |_: StepContext, n: u32| async move {
            if n == 0 { std::future::pending().await } else { Ok::<_, io::Error>(n) }
        })
        .max_concurrent_runs(1)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut runs: Vec<_> = (0..3).map(|n| pipeline.run(n)).collect();
    runs.iter_mut().for_each(|run| assert!(!poll(run)));
    clock.advance(7 * SECOND);
    drop(runs.pop());
    drop(runs.remove(0));
    let run = runs.remove(0).now_or_never().unwrap().unwrap();
    assert_eq!(run.duration, Duration::ZERO);
    // The first was under way for all that time; the one that was dropped as it waited took none.
    assert_eq!(seconds(&probe, "pipeline_duration_seconds", None), 7.0);
    probe.assert_settled();
}

#[test]
fn a_success_is_dated() {
    let clock = ManualClock::starting_at(std::time::SystemTime::UNIX_EPOCH + 1_000 * SECOND);
    let tracer = Tracer::builder().clock(clock.clone()).memory(100).build();
    let probe = Probe { registry: Registry::new(), tracer };
    let instruments: Instruments = probe.instruments();
    let pipeline = Pipeline::builder("p").step("s", same).telemetry(instruments).build().unwrap();
    clock.advance(5 * SECOND);
    pipeline.run(1).now_or_never().unwrap().unwrap();
    assert_eq!(probe.value("pipeline_last_success_timestamp_seconds", &[]), 1_005.0);
}

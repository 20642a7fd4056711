//! Circuit breakers of steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use ia_metrics_core::Registry;
use ia_pipeline::{
    Backoff, CircuitBreaker, CircuitState, MemoryStore, Pipeline, Policy, RateLimit, StepContext,
    StepError,
};
use ia_tracing::{ManualClock, Tracer};

use crate::probe::{Probe, never, poll_once, same};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
#[error("status {0}")]
struct Status(u16);

/// A step that fails with the status that it is given, and succeeds with 0.
async fn answers(_: StepContext, status: u32) -> Result<u32, Status> {
    if status == 0 { Ok(0) } else { Err(Status(u16::try_from(status).unwrap_or(0))) }
}

fn timed() -> (Probe, ManualClock) {
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(clock.clone()).memory(1_000).build();
    (Probe { registry: Registry::new(), tracer }, clock)
}

fn pipeline(probe: &Probe, breaker: &CircuitBreaker) -> Pipeline<u32, u32> {
    let policy = Policy::new().circuit_breaker(breaker.clone());
    let steps = Pipeline::builder("p").step("s", answers).policy(policy);
    steps.telemetry(probe.instruments()).build().unwrap()
}

/// The `error_type` of a run, or nothing.
fn run(pipeline: &Pipeline<u32, u32>, status: u32) -> String {
    let result = pipeline.run(status).now_or_never().unwrap();
    result.err().map(|error| error.error_type().to_owned()).unwrap_or_default()
}

#[test]
fn it_opens_after_so_many_failures_in_a_row_and_closes_after_a_probe() {
    let (probe, clock) = timed();
    let breaker = CircuitBreaker::new().failures(2).open_for(10 * SECOND);
    let p = pipeline(&probe, &breaker);
    assert_eq!([run(&p, 500), run(&p, 0), run(&p, 500)], ["Status", "", "Status"]);
    assert_eq!(breaker.state(), CircuitState::Closed);
    assert_eq!([run(&p, 500), run(&p, 0)], ["Status", "circuit_open"]);
    clock.advance(Duration::from_nanos(9_999_999_999));
    assert_eq!((run(&p, 0), breaker.state()), ("circuit_open".to_owned(), CircuitState::Open));
    clock.advance(Duration::from_nanos(1));
    assert_eq!((run(&p, 0), breaker.state()), (String::new(), CircuitState::Closed));
    assert_eq!(probe.errors("s", "circuit_open"), 2.0);
}

#[test]
fn it_opens_again_when_a_probe_fails() {
    let (probe, clock) = timed();
    let breaker = CircuitBreaker::new().failures(1).open_for(10 * SECOND).probes(3);
    let p = pipeline(&probe, &breaker);
    run(&p, 500);
    clock.advance(10 * SECOND);
    assert_eq!([run(&p, 0), run(&p, 0)], ["", ""]);
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert_eq!([run(&p, 500), run(&p, 0)], ["Status", "circuit_open"]);
    clock.advance(9 * SECOND);
    assert_eq!(run(&p, 0), "circuit_open");
}

#[test]
fn it_opens_at_a_share_of_failures_once_it_has_seen_enough() {
    let (probe, _clock) = timed();
    let breaker = CircuitBreaker::new().failure_rate(0.5, 4);
    let p = pipeline(&probe, &breaker);
    for status in [500, 500, 0, 0, 0] {
        run(&p, status);
        assert_eq!(breaker.state(), CircuitState::Closed);
    }
    // Of the last four, one failed; then two.
    assert_eq!((run(&p, 500), breaker.state()), ("Status".to_owned(), CircuitState::Closed));
    assert_eq!((run(&p, 500), breaker.state()), ("Status".to_owned(), CircuitState::Open));
}

#[test]
fn an_error_that_is_an_answer_counts_as_a_success() {
    let (probe, clock) = timed();
    let breaker = CircuitBreaker::new().failures(2).failure_if(|status: &Status| status.0 >= 500);
    let p = pipeline(&probe, &breaker);
    for status in [400, 500, 400, 500, 404] {
        assert_eq!(run(&p, status), "Status");
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    run(&p, 500);
    run(&p, 500);
    clock.advance(30 * SECOND);
    assert_eq!((run(&p, 404), breaker.state()), ("Status".to_owned(), CircuitState::Closed));
}

#[test]
fn one_breaker_serves_several_steps_and_pipelines() {
    let (probe, _clock) = timed();
    let breaker = CircuitBreaker::new().failures(2);
    let policy = || Policy::new().circuit_breaker(breaker.clone());
    let both = Pipeline::builder("p").step("a", answers).policy(policy()).step("b", answers);
    let both = both.policy(policy()).telemetry(probe.instruments()).build().unwrap();
    let (one, other) = (pipeline(&probe, &breaker), pipeline(&probe, &breaker));
    assert_eq!([run(&one, 500), run(&other, 500)], ["Status", "Status"]);
    assert_eq!([run(&one, 0), run(&both, 0)], ["circuit_open", "circuit_open"]);
    assert_eq!(run(&pipeline(&probe, &CircuitBreaker::new()), 0), "");
}

#[test]
fn a_dropped_attempt_counts_neither_way_and_gives_back_its_place() {
    let (probe, clock) = timed();
    let breaker = CircuitBreaker::new().failures(1).open_for(SECOND).probes(2);
    let p = pipeline(&probe, &breaker);
    let policy = Policy::new().circuit_breaker(breaker.clone());
    let hangs = Pipeline::builder("hangs").step("s", never).policy(policy);
    let hangs = hangs.telemetry(probe.instruments()).build().unwrap();
    let (mut first, mut second, mut third) = (hangs.run(1), hangs.run(1), hangs.run(1));
    assert!(!poll_once(&mut first));
    drop(first);
    assert_eq!(breaker.state(), CircuitState::Closed);
    run(&p, 500);
    clock.advance(SECOND);
    assert!(!poll_once(&mut second) && !poll_once(&mut third));
    assert_eq!(run(&p, 0), "circuit_open");
    drop(second);
    assert_eq!((run(&p, 0), breaker.state()), (String::new(), CircuitState::HalfOpen));
    // One has succeeded, one is under way.
    assert_eq!(run(&p, 0), "circuit_open");
    drop(third);
    assert_eq!((run(&p, 0), breaker.state()), (String::new(), CircuitState::Closed));
}

#[tokio::test]
async fn it_is_not_hammered_by_retries() {
    let tries = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&tries);
    let step = move |_: StepContext, _: u32| {
        counter.fetch_add(1, Ordering::Relaxed);
        async { Err::<u32, _>(Status(503)) }
    };
    let breaker = CircuitBreaker::new().failures(3);
    let policy = Policy::retry(100).backoff(Backoff::NONE).circuit_breaker(breaker);
    let steps = Pipeline::builder("p").step("s", step).policy(policy).enable_telemetry(false);
    let p = steps.build().unwrap();
    // What it failed with says more than that it was not tried again.
    assert_eq!(p.run(1).await.unwrap_err().error_type(), "Status");
    assert_eq!(p.run(1).await.unwrap_err().error_type(), "circuit_open");
    assert_eq!(tries.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_only_where_the_breaker_may_let_it_through() {
    for (open_for, waited) in [(10 * SECOND, Duration::ZERO), (Duration::ZERO, 5 * SECOND)] {
        let breaker = CircuitBreaker::new().failures(1).open_for(open_for);
        let asks = |_: StepContext, _: u32| async {
            Err::<u32, _>(StepError::msg("slow down").retry_after(5 * SECOND))
        };
        let policy = Policy::retry(1).circuit_breaker(breaker);
        let steps = Pipeline::builder("p").step("s", asks).policy(policy).enable_telemetry(false);
        let since = tokio::time::Instant::now();
        assert!(steps.build().unwrap().run(1).await.is_err());
        assert_eq!(since.elapsed(), waited);
    }
}

#[tokio::test(start_paused = true)]
async fn timeouts_of_the_policy_are_failures_and_a_deadline_is_not() {
    let limits = [
        (Policy::new().timeout(SECOND), Duration::MAX, CircuitState::Open),
        (Policy::new().total_timeout(SECOND), Duration::MAX, CircuitState::Open),
        (Policy::new(), SECOND, CircuitState::Closed),
    ];
    for (policy, deadline, state) in limits {
        let breaker = CircuitBreaker::new().failures(1);
        let steps = Pipeline::builder("p").step("s", never);
        let steps = steps.policy(policy.circuit_breaker(breaker.clone())).deadline(deadline);
        assert!(steps.enable_telemetry(false).build().unwrap().run(1).await.is_err());
        assert_eq!(breaker.state(), state, "deadline {deadline:?}");
    }
}

#[test]
fn a_panic_is_a_failure() {
    let breaker = CircuitBreaker::new().failures(1);
    let panics = |_: StepContext, n: u32| async move {
        if n > 0 { std::panic::resume_unwind(Box::new("on purpose")) } else { Ok::<_, Status>(n) }
    };
    let policy = Policy::new().circuit_breaker(breaker.clone());
    let steps = Pipeline::builder("p").step("s", panics).policy(policy).enable_telemetry(false);
    assert_eq!(run(&steps.build().unwrap(), 1), "panic");
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[tokio::test]
async fn an_attempt_that_waits_for_a_person_counts_neither_way() {
    let breaker = CircuitBreaker::new().failures(2);
    let asks = |ctx: StepContext, status: u32| async move {
        if status == 1 { Ok(ctx.ask::<u32>("go on?")?) } else { Err(StepError::from(Status(500))) }
    };
    let steps = Pipeline::builder("p").step("s", asks);
    let steps = steps.policy(Policy::new().circuit_breaker(breaker.clone()));
    let p = steps.checkpoint_store(MemoryStore::new()).enable_telemetry(false).build().unwrap();
    let ended = [500, 1, 500].map(|status| run(&p, status));
    // As a failure it would have opened it before the last; as a success it would have kept it closed.
    assert_eq!(
        (ended.each_ref().map(|s| &**s), breaker.state()),
        (["Status", "paused", "Status"], CircuitState::Open)
    );
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_spends_no_rate_and_does_not_wait_for_it() {
    let (broken, limit) = (Arc::new(AtomicBool::new(true)), RateLimit::per_second(1));
    let breaks = Arc::clone(&broken);
    let step = move |_: StepContext, n: u32| {
        let failed = breaks.load(Ordering::Relaxed);
        async move { if failed { Err(Status(503)) } else { Ok(n) } }
    };
    let breaker = CircuitBreaker::new().failures(1);
    let policy = Policy::new().circuit_breaker(breaker).rate_limit(limit.clone());
    let steps = Pipeline::builder("p").step("s", step).policy(policy).enable_telemetry(false);
    let (p, since) = (steps.build().unwrap(), tokio::time::Instant::now());
    assert!(p.run(1).await.is_err());
    for _ in 0..5 {
        assert_eq!(p.run(1).await.unwrap_err().error_type(), "circuit_open");
    }
    assert_eq!(since.elapsed(), Duration::ZERO);
    let steps = Pipeline::builder("q").step("s", same).policy(Policy::new().rate_limit(limit));
    steps.enable_telemetry(false).build().unwrap().run(1).await.unwrap();
    assert_eq!(since.elapsed(), SECOND, "only the attempt that was made used the rate");
}

#[test]
fn its_error_type_is_there_at_zero_and_refusals_are_no_attempts() {
    let (probe, _clock) = timed();
    let breaker = CircuitBreaker::new().failures(1);
    let p = pipeline(&probe, &breaker);
    let series = |name| {
        let labels = [("pipeline_name", "p"), ("step_name", "s"), ("error_type", name)];
        probe.registry.snapshot().value("step_errors_total", labels)
    };
    assert_eq!(series("circuit_open"), Some(0.0));
    run(&p, 500);
    let error = p.run(0).now_or_never().unwrap().unwrap_err();
    assert_eq!((error.steps()[0].attempts, series("circuit_open")), (0, Some(1.0)));
    assert!(error.to_string().contains("circuit breaker is open"), "{error}");
}

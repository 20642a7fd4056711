//! Rate limits of steps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use ia_pipeline::{Backoff, Pipeline, Policy, RateLimit, StepContext, StepError};
use proptest::prelude::*;
use tokio::time::Instant;

use crate::probe::{Probe, poll_once, same};

const SECOND: Duration = Duration::from_secs(1);

/// Which input was attempted when.
type Log = Arc<Mutex<Vec<(u32, Instant)>>>;

fn logging(limit: &RateLimit, probe: &Probe) -> (Pipeline<u32, u32>, Log) {
    let log = Log::default();
    let logged = Arc::clone(&log);
    let step = move |_: StepContext, n: u32| {
        logged.lock().unwrap().push((n, Instant::now()));
        async move { Ok::<_, StepError>(n) }
    };
    let steps = Pipeline::builder("p").step("s", step);
    let steps = steps.policy(Policy::new().rate_limit(limit.clone()));
    (steps.telemetry(probe.instruments()).build().unwrap(), log)
}

fn inputs(log: &Log) -> Vec<u32> {
    log.lock().unwrap().iter().map(|(n, _)| *n).collect()
}

#[tokio::test(start_paused = true)]
async fn attempts_are_spaced_evenly_and_in_the_order_in_which_they_came() {
    let probe = Probe::new();
    let (p, log) = logging(&RateLimit::per_second(10), &probe);
    let since = Instant::now();
    futures_util::future::join_all((0..5).map(|n| p.run(n))).await;
    let times: Vec<_> = log.lock().unwrap().iter().map(|(n, at)| (*n, *at - since)).collect();
    assert_eq!(times, (0..5).map(|n| (n, n * SECOND / 10)).collect::<Vec<_>>());
    assert_eq!(probe.value("step_queue_wait_seconds", &[("step_name", "s")]), 5.0);
    probe.assert_settled();
}

#[tokio::test(start_paused = true)]
async fn a_burst_goes_at_once_and_comes_back_with_time() {
    let (p, log) = logging(&RateLimit::per_second(10).burst(3), &Probe::new());
    let since = Instant::now();
    futures_util::future::join_all((0..5).map(|n| p.run(n))).await;
    tokio::time::advance(10 * SECOND).await;
    futures_util::future::join_all((5..9).map(|n| p.run(n))).await;
    let times: Vec<_> =
        log.lock().unwrap().iter().map(|(_, at)| (*at - since).as_millis()).collect();
    assert_eq!(times, [0, 0, 0, 100, 200, 10_200, 10_200, 10_200, 10_300]);
}

#[tokio::test(start_paused = true)]
async fn one_limit_serves_several_steps_and_pipelines() {
    let (probe, limit) = (Probe::new(), RateLimit::per_second(1));
    let (one, other) = (logging(&limit, &probe).0, logging(&limit, &probe).0);
    let since = Instant::now();
    tokio::join!(one.run(1), other.run(1)).0.unwrap();
    assert_eq!(since.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_of_a_retried_step_waits_for_its_turn() {
    let probe = Probe::new();
    let fails = |_: StepContext, _: u32| async { Err::<u32, _>(StepError::msg("no")) };
    let policy = Policy::retry(2).backoff(Backoff::NONE).rate_limit(RateLimit::per_second(1));
    let steps = Pipeline::builder("p").step("s", fails).policy(policy);
    let since = Instant::now();
    assert!(steps.telemetry(probe.instruments()).build().unwrap().run(1).await.is_err());
    assert_eq!(since.elapsed(), 2 * SECOND);
    assert_eq!(probe.value("step_queue_wait_seconds", &[("step_name", "s")]), 3.0);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_the_depth_of_the_queue() {
    let probe = Probe::new();
    let (p, _) = logging(&RateLimit::per_second(1), &probe);
    let mut runs: Vec<_> = (0..4).map(|n| p.run(n)).collect();
    let ended: Vec<_> = runs.iter_mut().map(poll_once).collect();
    assert_eq!(ended, [true, false, false, false]);
    assert_eq!(probe.value("pipeline_queue_depth", &[]), 3.0);
    runs.truncate(2);
    assert_eq!(probe.value("pipeline_queue_depth", &[]), 1.0);
    drop(runs);
    probe.assert_settled();
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_has_used_nothing() {
    let probe = Probe::new();
    let (p, log) = logging(&RateLimit::per_second(1), &probe);
    let since = Instant::now();
    p.run(0).await.unwrap();
    // The first of these has the next turn, the second is behind it.
    let (mut next, mut behind, mut last) = (p.run(1), p.run(2), p.run(3));
    assert!(!poll_once(&mut next) && !poll_once(&mut behind) && !poll_once(&mut last));
    drop(next);
    drop(behind);
    last.await.unwrap();
    assert_eq!((inputs(&log), since.elapsed()), (vec![0, 3], SECOND));
}

#[test]
fn a_refusing_limit_needs_no_runtime_and_its_fallback_answers() {
    let probe = Probe::new();
    let policy = Policy::retry(5).rate_limit(RateLimit::per_minute(1).burst(2).refuse());
    let steps = Pipeline::builder("p").step("s", same).policy(policy);
    let steps = steps.fallback(|_: StepContext, _: u32| async { Ok::<_, StepError>(100) });
    let p = steps.telemetry(probe.instruments()).build().unwrap();
    let outputs = [1, 2, 3].map(|n| p.run(n).now_or_never().unwrap().unwrap().output);
    assert_eq!(outputs, [1, 2, 100]);
    assert_eq!(probe.errors("s", "rate_limited"), 1.0);
    probe.assert_settled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusing_limit_refuses_nothing_that_the_rate_allows() {
    let limit = RateLimit::per_minute(1).burst(1_000).refuse();
    let (p, log) = logging(&limit, &Probe::new());
    let runs: Vec<_> = (0..1_000).map(|n| tokio::spawn(p.run(n))).collect();
    for run in runs {
        run.await.unwrap().unwrap();
    }
    assert_eq!(log.lock().unwrap().len(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_total_timeout_counts_the_wait_and_a_timeout_does_not() {
    let limit = RateLimit::per_minute(1);
    let policy = |policy: Policy| policy.rate_limit(limit.clone());
    let run = |policy: Policy| {
        let steps = Pipeline::builder("p").step("s", same).policy(policy);
        steps.enable_telemetry(false).build().unwrap().run(1)
    };
    run(policy(Policy::new())).await.unwrap();
    let error = run(policy(Policy::new().total_timeout(SECOND))).await.unwrap_err();
    assert_eq!((error.error_type(), error.steps()[0].attempts), ("timeout", 0));
    run(policy(Policy::new().timeout(SECOND))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_rate_finer_than_the_timer_is_kept_nevertheless() {
    let (p, log) = logging(&RateLimit::per_second(10_000), &Probe::new());
    let since = Instant::now();
    futures_util::future::join_all((0..1_000).map(|n| p.run(n))).await;
    let took = since.elapsed();
    assert!(took >= 99 * SECOND / 1_000 && took <= 103 * SECOND / 1_000, "{took:?}");
    assert_eq!(inputs(&log), (0..1_000).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_stood_still_is_not_followed_by_a_rush() {
    let (p, log) = logging(&RateLimit::per_second(1), &Probe::new());
    let since = Instant::now();
    let mut runs: Vec<_> = (0..4).map(|n| p.run(n)).collect();
    let ended: Vec<_> = runs.iter_mut().map(poll_once).collect();
    assert_eq!(ended, [true, false, false, false]);
    // Nobody asks in the meantime.
    tokio::time::advance(10 * SECOND).await;
    futures_util::future::join_all(runs.drain(1..)).await;
    let times: Vec<_> =
        log.lock().unwrap().iter().map(|(_, at)| (*at - since).as_millis()).collect();
    assert_eq!(times, [0, 10_000, 10_998, 11_998]);
}

proptest! {
    /// Runs come at random times, and some give up: those that stay go in order, and in no span of time are there more than
    /// the burst and what the rate allows.
    #[test]
    fn the_rate_is_never_exceeded_and_the_queue_is_fair(
        rate in 1_u32..200,
        burst in 1_u32..6,
        comings in proptest::collection::vec((0_u64..60, proptest::option::of(0_u64..300)), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (limit, probe) = (RateLimit::per_second(rate).burst(burst), Probe::new());
        runtime.block_on(async {
            let (p, log) = logging(&limit, &probe);
            let mut runs = Vec::new();
            for (n, (pause, patience)) in (0..).zip(&comings) {
                tokio::time::sleep(Duration::from_millis(*pause)).await;
                let patience = patience.map_or(Duration::MAX, Duration::from_millis);
                runs.push(tokio::spawn(tokio::time::timeout(patience, p.run(n))));
                tokio::task::yield_now().await;
            }
            let mut stayed = Vec::new();
            for (n, run) in (0..).zip(runs) {
                stayed.extend(run.await.unwrap().is_ok().then_some(n));
            }
            assert_eq!(inputs(&log), stayed);
            let times: Vec<_> = log.lock().unwrap().iter().map(|(_, at)| *at).collect();
            for (first, from) in times.iter().enumerate() {
                for (last, to) in times.iter().enumerate().skip(first) {
                    let span = (*to - *from + Duration::from_millis(2)).as_secs_f64();
                    let most = f64::from(burst) + span * f64::from(rate) + 1e-6;
                    assert!((last - first + 1) as f64 <= most, "{} in {span} s", last - first + 1);
                }
            }
        });
        probe.assert_settled();
    }
}

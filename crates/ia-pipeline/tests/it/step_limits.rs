//! How many executions of one step run at once, and what its limits leave behind.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ia_pipeline::{Backoff, CircuitBreaker, Flow, Pipeline, Policy, RateLimit, StepContext};

use crate::cancellation::poll_times;
use crate::probe::{Probe, never, poll_once, same};

#[derive(Clone, Default)]
struct Peak(Arc<(AtomicUsize, AtomicUsize)>);

impl Peak {
    async fn step(self, n: u32) -> Result<u32, io::Error> {
        let (now, most) = &*self.0;
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(n)
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn each_step_keeps_to_its_own_limit_over_all_runs() {
    let (probe, a, b) = (Probe::new(), Peak::default(), Peak::default());
    let (of_a, of_b, policy) = (a.clone(), b.clone(), Policy::new().max_concurrency(2));
    let pipeline = Pipeline::builder("p")
        .step("a", move |_: StepContext, n: u32| of_a.clone().step(n))
        .policy(policy.clone().max_concurrency(3))
        .step("b", move |_: StepContext, n: u32| of_b.clone().step(n))
        .policy(policy)
        .max_concurrency(4)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let runs: Vec<_> = (0..100).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for run in runs {
        run.await.unwrap().unwrap();
    }
    assert_eq!((a.most(), b.most()), (3, 2));
    for step in ["a", "b"] {
        let waits = probe.value("step_queue_wait_seconds", &[("step_name", step)]);
        assert_eq!(waits, 100.0, "one wait for each execution of {step}, of both permits");
    }
    probe.assert_settled();
}

#[test]
fn steps_that_are_given_one_policy_have_limits_of_their_own() {
    let (probe, policy) = (Probe::new(), Policy::new().max_concurrency(1));
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", never)
        .policy(policy.clone())
        .step("c", never)
        .policy(policy)
        .flow(Flow::start("a").fan_out("a", ["b", "c"]))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut running = pipeline.run(1);
    assert!(!poll_once(&mut running));
    assert_eq!(probe.value("pipeline_queue_depth", &[]), 0.0);
}

#[test]
fn what_waits_for_its_own_limit_leaves_the_pipelines_to_others() {
    let probe = Probe::new();
    let narrow = |_: StepContext, n: u32| async move {
        if n == 0 { std::future::pending().await } else { Ok::<_, io::Error>(n) }
    };
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("narrow", narrow)
        .policy(Policy::new().max_concurrency(1))
        .step("other", same)
        .flow(Flow::start("a").when("a", |n: &u32| *n < 10, "narrow").otherwise("a", "other"))
        .max_concurrency(2)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut waiting: Vec<_> = (0..5).map(|n| pipeline.run(n)).collect();
    waiting.iter_mut().for_each(|run| assert!(!poll_once(run)));
    assert_eq!(probe.value("pipeline_queue_depth", &[]), 4.0);
    // One permit of the pipeline is in use, four steps wait, and yet:
    assert!(poll_once(&mut pipeline.run(10)));
}

#[test]
fn executions_get_their_turn_in_the_order_in_which_they_came() {
    let first_never_ends = |_: StepContext, n: u32| async move {
        if n == 0 { std::future::pending().await } else { Ok::<_, io::Error>(n) }
    };
    let pipeline = Pipeline::builder("p")
        .step("s", first_never_ends)
        .policy(Policy::new().max_concurrency(1))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut runs: Vec<_> = (0..4).map(|n| pipeline.run(n)).collect();
    runs.iter_mut().for_each(|run| assert!(!poll_once(run)));
    drop(runs.remove(0));
    // Whoever is asked last came first.
    for left in [3, 2, 1] {
        let ended: Vec<_> = runs.iter_mut().rev().map(poll_once).collect();
        assert_eq!(ended.iter().position(|ended| *ended), Some(left - 1), "{ended:?}");
        drop(runs.remove(0));
    }
}

/// Every limit at once, each with place for one, and a step that takes several attempts, waits and polls.
fn limited(probe: &Probe) -> (Pipeline<u32, u32>, CircuitBreaker) {
    let breaker = CircuitBreaker::new().failures(100);
    let limit = RateLimit::per_second(2);
    let policy = Policy::retry(2)
        .backoff(Backoff::constant(Duration::from_millis(300)))
        .timeout(Duration::from_secs(1))
        .max_concurrency(1)
        .rate_limit(limit)
        .circuit_breaker(breaker.clone());
    let step = |ctx: StepContext, n: u32| async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        match ctx.attempt() {
            1 => Err(io::Error::from(io::ErrorKind::NotFound)),
            2 => std::future::pending().await,
            _ => Ok(n),
        }
    };
    let steps = Pipeline::builder("p").step("a", same).step("s", step).policy(policy.clone());
    let steps = steps.step("t", step).policy(policy);
    let steps = steps.max_concurrency(1).max_concurrent_runs(2).telemetry(probe.instruments());
    (steps.build().unwrap(), breaker)
}

#[tokio::test(start_paused = true)]
async fn no_permit_is_lost_wherever_a_run_is_dropped() {
    let mut finished = false;
    for polls in 1.. {
        let probe = Probe::new();
        let (pipeline, _) = limited(&probe);
        // Another run is in the way, so that every queue is waited in.
        let beside = tokio::spawn(pipeline.run(7));
        tokio::task::yield_now().await;
        finished = poll_times(pipeline.run(8), polls).await;
        assert_eq!(beside.await.unwrap().unwrap().output, 7, "{polls} polls");
        // All permits are there: a run that needs each of them ends.
        let again = tokio::time::timeout(Duration::from_mins(1), pipeline.run(9)).await;
        assert_eq!(again.expect("a permit is missing").unwrap().output, 9, "{polls} polls");
        assert_eq!(probe.all_runs(), 3.0, "{polls} polls");
        probe.assert_settled();
        if finished {
            break;
        }
    }
    assert!(finished);
}

#[tokio::test(start_paused = true)]
async fn many_runs_through_all_limits_all_end() {
    let probe = Probe::new();
    let (pipeline, _) = limited(&probe);
    let runs: Vec<_> = (0..20).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for (n, run) in (0..).zip(runs) {
        assert_eq!(run.await.unwrap().unwrap().output, n);
    }
    probe.assert_settled();
}

#[test]
fn a_step_waits_once_for_all_its_permits_and_its_rate() {
    let probe = Probe::new();
    let policy = Policy::new().max_concurrency(1).rate_limit(RateLimit::per_second(1));
    let steps = Pipeline::builder("p").step("s", same).policy(policy).max_concurrency(1);
    let pipeline = steps.telemetry(probe.instruments()).build().unwrap();
    assert!(poll_once(&mut pipeline.run(1)));
    assert_eq!(probe.value("step_queue_wait_seconds", &[("step_name", "s")]), 1.0);
}

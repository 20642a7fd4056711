//! Steps, errors and values that misbehave: what goes wrong stays where it is, and is counted.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use ia_pipeline::{
    Backoff, Canceller, ErrorType, Flow, Pipeline, PipelineBuilder, Policy, RunErrorKind,
    StepContext, Typed, Usd,
};

use crate::probe::{Probe, fail, logged, never, poll_once, same};

/// Fails, but lets the steps beside it begin first.
async fn fails_later(_: StepContext, _: u32) -> Result<u32, io::Error> {
    tokio::task::yield_now().await;
    Err(io::Error::from(io::ErrorKind::NotFound))
}

#[test]
fn a_cancelled_run_starts_no_further_step() {
    let (probe, canceller) = (Probe::new(), Arc::new(Mutex::new(None::<Canceller>)));
    let c = Arc::clone(&canceller);
    let p = Pipeline::builder("p")
        .step("a", move |_: StepContext, n: u32| {
            c.lock().unwrap().as_ref().unwrap().cancel();
            async move { Ok::<_, io::Error>(n) }
        })
        .step("b", same)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let r = p.run(1);
    *canceller.lock().unwrap() = Some(r.canceller());
    let r = r.now_or_never().unwrap();
    assert_eq!((r.is_err(), probe.steps("b", "success")), (true, 0.0));
}

#[tokio::test]
async fn a_hot_loop_gives_way_to_its_deadline() {
    let p = Pipeline::builder("p")
        .step("s", |_: StepContext, n: u32| async move { Ok::<_, io::Error>(n + 1) })
        .flow(Flow::start("s").repeat("s", |n: &u32| *n < 200_000, "s", u32::MAX))
        .deadline(Duration::from_millis(5))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(
        p.run(1).await.map(|r| (r.output, r.duration)).unwrap_err().kind(),
        RunErrorKind::Deadline
    );
}

#[tokio::test]
async fn hot_retries_give_way_to_their_total_timeout() {
    let tries = Arc::new(AtomicU32::new(0));
    let t = Arc::clone(&tries);
    let p = Pipeline::builder("p")
        .step("s", move |_: StepContext, _: u32| {
            t.fetch_add(1, Ordering::Relaxed);
            async { Err::<u32, _>(io::Error::from(io::ErrorKind::NotFound)) }
        })
        .policy(
            Policy::retry(300_000).backoff(Backoff::NONE).total_timeout(Duration::from_millis(5)),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    let e = p.run(1).await.unwrap_err();
    assert_eq!(
        e.error_type(),
        "timeout",
        "after {} tries, {:?}",
        tries.load(Ordering::Relaxed),
        e.duration()
    );
}

async fn heard(
    build: impl FnOnce(PipelineBuilder<Typed<u32, u32, u32>>) -> Pipeline<u32, u32>,
) -> bool {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let b = Pipeline::builder("p").step("a", same).step("s", move |ctx: StepContext, n: u32| {
        let tell = tell.clone();
        async move {
            let outside = ctx.clone();
            tokio::spawn(async move {
                outside.cancelled().await;
                tell.send(()).await.unwrap();
            });
            std::future::pending::<()>().await;
            Ok::<_, io::Error>(n)
        }
    });
    let p = build(b.enable_telemetry(false));
    assert!(p.run(1).await.is_err());
    drop(p);
    tokio::time::timeout(Duration::from_secs(10), told.recv()).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn work_elsewhere_hears_of_the_deadline() {
    assert!(heard(|b| b.deadline(Duration::from_secs(1)).build().unwrap()).await, "never heard");
}

#[tokio::test(start_paused = true)]
async fn work_elsewhere_hears_of_a_failure_beside_it() {
    assert!(
        heard(|b| b
            .step("f", fails_later)
            .flow(Flow::start("a").fan_out("a", ["s", "f"]))
            .build()
            .unwrap())
        .await,
        "never heard"
    );
}

#[tokio::test]
async fn an_open_call_of_a_cancelled_step_is_cancelled() {
    let probe = Probe::new();
    let p = Pipeline::builder("p")
        .step("a", same)
        .step("s", |ctx: StepContext, n: u32| async move {
            let _call = ctx.api_call("openai").start();
            std::future::pending::<()>().await;
            Ok::<_, io::Error>(n)
        })
        .step("f", fails_later)
        .flow(Flow::start("a").fan_out("a", ["f", "s"]))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    assert!(p.run(1).await.is_err());
    let said = (probe.span("s").status().to_string(), probe.span("openai").status().to_string());
    assert_eq!(said, ("error: cancelled".into(), "error: cancelled".into()));
}

#[test]
fn money_does_not_wrap() {
    let p = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move {
            for _ in 0..2 {
                ctx.cost(Usd::from_nanos(i64::MAX));
            }
            Ok::<_, io::Error>(())
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(p.run(()).now_or_never().unwrap().unwrap().cost, Usd::from_nanos(i64::MAX));
}

#[test]
fn items_and_tokens_do_not_wrap() {
    let probe = Probe::new();
    let p = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move {
            for _ in 0..2 {
                ctx.items(usize::MAX);
                ctx.api_call("x").tokens(u64::MAX, u64::MAX).record();
            }
            Ok::<_, io::Error>(())
        })
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = p.run(()).now_or_never().unwrap().unwrap();
    assert_eq!((run.items, run.tokens.input()), (u64::MAX, u64::MAX));
}

#[test]
fn an_option_may_have_givers_of_two_kinds() {
    async fn none(_: StepContext, _: u32) -> Result<Option<u32>, io::Error> {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
    let p = Pipeline::builder("p")
        .step("a", same)
        .step("b", none)
        .policy(Policy::new().continue_on_error())
        .step("c", same)
        .step(
            "d",
            |_: StepContext, n: Option<u32>| async move { Ok::<_, io::Error>(n.unwrap_or(7)) },
        )
        .flow(
            Flow::start("a")
                .edge("a", "b")
                .when("a", |n: &u32| *n > 100, "c")
                .edge("b", "d")
                .edge("c", "d"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(
        p.run(1).now_or_never().unwrap().map(|r| r.output).map_err(|e| e.to_string()),
        Ok(7)
    );
}

#[test]
fn a_skipped_step_is_counted_when_the_run_fails() {
    for end in ["c", Flow::FAILURE] {
        let probe = Probe::new();
        let b = Pipeline::builder("p").step("a", same).step("b", same);
        let flow = Flow::start("a").when("a", |n: &u32| *n > 100, "b").otherwise("a", end);
        let b = if end == "c" { b.step("c", fail) } else { b };
        let p = b.flow(flow).telemetry(probe.instruments()).build().unwrap();
        assert!(p.run(1).now_or_never().unwrap().is_err());
        assert_eq!(probe.steps("b", "skipped"), 1.0, "{end}");
    }
}

#[test]
fn branches_begin_in_the_order_of_the_flow() {
    let log = Arc::default();
    let p = Pipeline::builder("p")
        .step("a", logged(&log))
        .step("b", logged(&log))
        .step("c", logged(&log))
        .step("d", logged(&log))
        .flow(Flow::start("a").fan_out("a", ["b", "c", "d"]))
        .max_concurrency(1)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let mut r = p.run(0);
    for _ in 0..20 {
        if poll_once(&mut r) {
            break;
        }
    }
    assert_eq!(log.lock().unwrap().join(" "), "a0 b1 c1 d1");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_a_limit_ends_says_timeout() {
    let second = Duration::from_secs(1);
    for (total, deadline) in [(second, Duration::MAX), (Duration::MAX, second)] {
        let probe = Probe::new();
        let p = Pipeline::builder("p")
            .step("s", never)
            .policy(Policy::retry(2).total_timeout(total))
            .deadline(deadline)
            .telemetry(probe.instruments())
            .build()
            .unwrap();
        assert!(p.run(1).await.is_err());
        let attempt = probe.span("attempt");
        assert_eq!(
            attempt.attribute("error.type").map(ToString::to_string).as_deref(),
            Some("timeout"),
            "{}",
            attempt.status()
        );
    }
}

#[test]
fn a_named_error_is_still_in_the_chain_of_sources() {
    let p = Pipeline::builder("p")
        .step("s", |_: StepContext, _: u32| async {
            Err::<u32, _>(io::Error::from(io::ErrorKind::NotFound)).error_type("gone")
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = p.run(1).now_or_never().unwrap().unwrap_err();
    let mut next: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = next {
        if error.is::<io::Error>() {
            return;
        }
        next = error.source();
    }
    panic!("the io::Error cannot be reached");
}

#[test]
fn a_run_error_is_one_line() {
    let p = Pipeline::builder("p\nINFO all is well")
        .step("s", fail)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let text = p.run(1).now_or_never().unwrap().unwrap_err().to_string();
    assert!(!text.contains('\n'), "{text:?}");
}

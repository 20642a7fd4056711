//! Steps, errors, values and loops that misbehave: what goes wrong stays where it is, and is counted.

use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use ia_pipeline::{
    Backoff, Canceller, ErrorType, Flow, Pipeline, PipelineBuilder, Policy, RunErrorKind, Running,
    StepContext, Typed, Usd,
};

use crate::probe::{Probe, fail, never, same};

struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new("dropped"))
        }
    }
}
async fn bomb(_: StepContext, n: u32) -> Result<u32, io::Error> {
    let _bomb = Bomb;
    std::future::pending::<()>().await;
    Ok(n)
}
/// Fails, but lets the steps beside it begin first.
async fn fails_later(_: StepContext, _: u32) -> Result<u32, io::Error> {
    tokio::task::yield_now().await;
    Err(io::Error::from(io::ErrorKind::NotFound))
}
fn poll_once<O>(r: &mut Running<O>) -> bool {
    Pin::new(r).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_step_that_panics_as_it_is_dropped_does_not_leak_its_siblings() {
    let probe = Probe::new();
    let p = Pipeline::builder("p")
        .step("a", same)
        .step("b", bomb)
        .step("x", never)
        .step("y", never)
        .flow(Flow::start("a").fan_out("a", ["b", "x", "y"]))
        .max_concurrency(3)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut r = p.run(1);
    assert!(!poll_once(&mut r));
    drop(r);
    let counts = ["b", "x", "y"].map(|s| probe.steps(s, "cancelled"));
    let mut again = p.run(1);
    assert!(!poll_once(&mut again));
    let queue = probe.value("pipeline_queue_depth", &[]);
    assert_eq!((counts, queue), ([1.0; 3], 0.0), "cancelled; steps that wait in the next run");
}

fn stays_inside(pipeline: impl FnOnce(PipelineBuilder) -> Pipeline<u32, u32>) {
    let probe = Probe::new();
    let p = pipeline(Pipeline::builder("p").telemetry(probe.instruments()));
    let r = catch_unwind(AssertUnwindSafe(|| p.run(1).now_or_never().unwrap().is_err()));
    let (error, cancelled) = (probe.runs("error"), probe.runs("cancelled"));
    assert!(
        r.is_ok() && error == 1.0,
        "escaped: {}, error {error}, cancelled {cancelled}",
        r.is_err()
    );
}
macro_rules! error {
    ($name:ident, $display:expr, $debug:expr) => {
        struct $name;
        impl fmt::Display for $name {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                $display
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                $debug
            }
        }
        impl Error for $name {}
    };
}
error!(DisplayPanics, resume_unwind(Box::new("x")), Ok(()));
error!(DisplayErrs, Err(fmt::Error), Ok(()));
error!(DebugPanics, Ok(()), resume_unwind(Box::new("x")));
#[test]
fn display_panics() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, _: u32| async { Err::<u32, _>(DisplayPanics) })
            .build()
            .unwrap()
    });
}
#[test]
fn display_returns_an_error() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, _: u32| async { Err::<u32, _>(DisplayErrs) }).build().unwrap()
    });
}
#[test]
fn debug_panics() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, _: u32| async { Err::<u32, _>(DebugPanics) }).build().unwrap()
    });
}
#[test]
fn classifier_panics() {
    stays_inside(|b| {
        b.step("s", fail).error_type(|_: &io::Error| resume_unwind(Box::new("x"))).build().unwrap()
    });
}
#[test]
fn panic_payload_panics_as_it_is_dropped() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, n: u32| async move {
            if n > 0 {
                resume_unwind(Box::new(Bomb))
            }
            Ok::<u32, io::Error>(n)
        })
        .build()
        .unwrap()
    });
}
#[tokio::test(start_paused = true)]
async fn a_step_panics_as_its_timeout_drops_it() {
    let probe = Probe::new();
    let p = Pipeline::builder("p")
        .step("s", bomb)
        .policy(Policy::new().timeout(Duration::from_secs(1)))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let r = tokio::spawn(p.run(1)).await;
    assert!(
        r.is_ok() && probe.runs("error") == 1.0,
        "escaped: {}, cancelled {}",
        r.is_err(),
        probe.runs("cancelled")
    );
}
#[test]
fn the_clone_of_an_output_panics() {
    struct C;
    impl Clone for C {
        fn clone(&self) -> Self {
            resume_unwind(Box::new("x"))
        }
    }
    let (probe, kept) = (Probe::new(), Arc::new(Mutex::new(None)));
    let p = Pipeline::builder("p")
        .step("a", |_: StepContext, _: u32| async { Ok::<_, io::Error>(C) })
        .step("b", move |_: StepContext, c: Arc<C>| {
            *kept.lock().unwrap() = Some(c);
            async { Ok::<_, io::Error>(1_u32) }
        })
        .flow(Flow::start("a").edge("a", "b").edge("a", Flow::END))
        .output::<C>()
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let r = catch_unwind(AssertUnwindSafe(|| p.run(1).now_or_never().unwrap().is_ok()));
    assert!(r.is_ok(), "escaped; cancelled {}", probe.runs("cancelled"));
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

fn logged(
    log: &Arc<Mutex<Vec<String>>>,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let log = Arc::clone(log);
    move |ctx, n| {
        log.lock().unwrap().push(format!("{}{n}", ctx.step_name()));
        std::future::ready(Ok(n + 1))
    }
}
#[test]
fn two_loops_that_hold_at_once_lose_no_value() {
    let log = Arc::default();
    let p = Pipeline::builder("p")
        .step("a", logged(&log))
        .step("b", logged(&log))
        .step("c", logged(&log))
        .flow(Flow::start("a").then("b").then("c").repeat("c", |n: &u32| *n < 4, "a", 5).repeat(
            "c",
            |n: &u32| *n < 4,
            "b",
            5,
        ))
        .enable_telemetry(false)
        .build()
        .unwrap();
    p.run(0).now_or_never().unwrap().unwrap();
    assert_eq!(log.lock().unwrap().join(" "), "a0 b1 c2 a3 b4 c5");
}
#[tokio::test]
async fn how_often_a_step_runs_does_not_depend_on_timing() {
    let mut logs = Vec::new();
    for slow in [0, 20] {
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let outside = move |_: StepContext, n: u32| async move {
            for _ in 0..slow {
                tokio::task::yield_now().await;
            }
            Ok::<_, io::Error>(n)
        };
        let x = Arc::clone(&log);
        let p =
            Pipeline::builder("p")
                .step("s", same)
                .step("outside", outside)
                .step("b", |_: StepContext, n: u32| async move {
                    tokio::task::yield_now().await;
                    Ok::<_, io::Error>(n + 1)
                })
                .join("x", move |_: StepContext, (b, _): (u32, u32)| {
                    x.lock().unwrap().push(format!("x{b}"));
                    async move { Ok::<_, io::Error>(b) }
                })
                .flow(
                    Flow::start("s")
                        .fan_out("s", ["outside", "b"])
                        .join(["b", "outside"], "x")
                        .repeat("b", |n: &u32| *n < 3, "b", 5),
                )
                .enable_telemetry(false)
                .build()
                .unwrap();
        p.run(0).await.unwrap();
        logs.push(log.lock().unwrap().join(" "));
    }
    assert_eq!(logs[0], logs[1]);
}
#[test]
fn what_follows_a_loop_runs_once_it_is_over() {
    let log = Arc::default();
    let p = Pipeline::builder("p")
        .step("draft", logged(&log))
        .step("check", logged(&log))
        .step("publish", logged(&log))
        .flow(
            Flow::start("draft")
                .then("check")
                .repeat("check", |n: &u32| *n < 5, "draft", 5)
                .then("publish"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    p.run(0).now_or_never().unwrap().unwrap();
    let log = log.lock().unwrap().join(" ");
    assert_eq!(log.matches("publish").count(), 1, "{log}");
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
fn an_option_whose_givers_are_of_two_kinds() {
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

//! The rounds of loops.

use std::io;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use ia_pipeline::{Flow, Pipeline, StepContext};

use crate::probe::{logged, same};

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

#[tokio::test]
async fn a_step_that_waits_for_one_outside_the_loop_runs_in_every_round() {
    async fn slow(_: StepContext, n: u32) -> Result<u32, io::Error> {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        Ok(n)
    }
    let log: Arc<Mutex<Vec<u32>>> = Arc::default();
    let seen = Arc::clone(&log);
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .step("outside", slow)
        .join("x", move |_: StepContext, (a, _): (u32, u32)| {
            seen.lock().unwrap().push(a);
            async move { Ok::<_, io::Error>(a) }
        })
        .step("a", |_: StepContext, n: u32| async move { Ok::<_, io::Error>(n + 1) })
        .step("b", same)
        .flow(
            Flow::start("s")
                .fan_out("s", ["outside", "a"])
                .join(["a", "outside"], "x")
                .edge("a", "b")
                .repeat("b", |n: &u32| *n < 3, "a", 5),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(0).await.unwrap().output, 3);
    assert_eq!(*log.lock().unwrap(), [1, 2, 3]);
}

//! Conditions and loops.

use std::io;
use std::sync::{Arc, Mutex};

use ia_pipeline::{Flow, Pipeline, StepContext};

use crate::probe::{Probe, double, same};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn step(
        &self,
    ) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
        let log = Arc::clone(&self.0);
        move |ctx, n| {
            log.lock().unwrap().push(format!("{}{n}", ctx.step_name()));
            std::future::ready(Ok(n + 1))
        }
    }

    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

#[tokio::test]
async fn without_a_flow_the_steps_are_a_chain() {
    let pipeline = Pipeline::builder("p")
        .step("a", double)
        .step("b", double)
        .step("c", double)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    assert_eq!(run.output, 8);
    assert_eq!(
        run.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
}

#[tokio::test]
async fn a_loop_starts_its_part_of_the_flow_over() {
    let log = Log::default();
    let pipeline = Pipeline::builder("p")
        .step("a", log.step())
        .step("b", log.step())
        .step("c", log.step())
        .step("d", log.step())
        .flow(Flow::start("a").then("b").then("c").repeat("c", |n: &u32| *n < 6, "b", 5).when(
            "c",
            |n: &u32| *n >= 6,
            "d",
        ))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(0).await.unwrap().output, 8);
    assert_eq!(log.take(), "a0 b1 c2 b3 c4 b5 c6 d7");
}

#[tokio::test]
async fn what_follows_a_loop_by_a_skipped_way_runs_when_the_way_is_taken_at_last() {
    let (log, probe) = (Log::default(), Probe::new());
    let pipeline = Pipeline::builder("p")
        .step("draft", log.step())
        .step("check", log.step())
        .step("publish", log.step())
        .flow(Flow::start("draft").then("check").when("check", |n: &u32| *n > 4, "publish").repeat(
            "check",
            |n: &u32| *n <= 4,
            "draft",
            3,
        ))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    pipeline.run(0).await.unwrap();
    assert_eq!(log.take(), "draft0 check1 draft2 check3 draft4 check5 publish6");
    assert_eq!((probe.steps("publish", "success"), probe.steps("publish", "skipped")), (1.0, 0.0));
}

#[tokio::test]
async fn a_loop_waits_until_everything_it_restarts_has_come_to_rest() {
    let log = Log::default();
    let slow = log.clone();
    let pipeline = Pipeline::builder("p")
        .step("a", log.step())
        .step("side", move |_: StepContext, n: u32| {
            let log = slow.clone();
            async move {
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                log.0.lock().unwrap().push(format!("side{n}"));
                Ok::<_, io::Error>(n)
            }
        })
        .step("b", log.step())
        .flow(Flow::start("a").fan_out("a", ["side", "b"]).repeat("b", |n: &u32| *n < 4, "a", 1))
        .enable_telemetry(false)
        .build()
        .unwrap();
    pipeline.run(0).await.unwrap();
    assert_eq!(log.take(), "a0 b1 side1 a2 b3 side3");
}

#[tokio::test]
async fn a_join_inside_a_loop_keeps_what_came_from_outside_it() {
    async fn merge(_: StepContext, (outside, inside): (u32, u32)) -> Result<u32, io::Error> {
        Ok(outside + inside)
    }
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("outside", double)
        .step("inside", double)
        .join("merge", merge)
        .flow(
            Flow::start("a")
                .fan_out("a", ["outside", "inside"])
                .join(["outside", "inside"], "merge")
                .repeat("merge", |n: &u32| *n < 40, "inside", 10),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    // 10 + 10 = 20; 10 + 40 = 50.
    assert_eq!(pipeline.run(5).await.unwrap().output, 50);
}

#[tokio::test]
async fn exactly_as_many_rounds_as_the_limit_are_no_error() {
    let pipeline = Pipeline::builder("p")
        .step("up", |_: StepContext, n: u32| async move { Ok::<_, io::Error>(n + 1) })
        .flow(Flow::start("up").repeat("up", |n: &u32| *n < 101, "up", 100))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(0).await.unwrap().output, 101);
    let error = {
        let pipeline = Pipeline::builder("p")
            .step("up", |_: StepContext, n: u32| async move { Ok::<_, io::Error>(n + 1) })
            .flow(Flow::start("up").repeat("up", |n: &u32| *n < 102, "up", 100))
            .enable_telemetry(false)
            .build()
            .unwrap();
        pipeline.run(0).await.unwrap_err()
    };
    assert_eq!(error.error_type(), "loop_limit");
    assert!(error.to_string().contains("more than 100 times"), "{error}");
}

#[tokio::test]
async fn a_step_whose_conditions_all_fail_ends_the_run_with_its_own_output() {
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", double)
        .flow(Flow::start("a").when("a", |n: &u32| *n > 5, "b"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(
        (pipeline.run(6).await.unwrap().output, pipeline.run(5).await.unwrap().output),
        (12, 5)
    );
}

#[tokio::test]
async fn a_condition_that_panics_fails_its_step() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .step("b", same)
        .flow(Flow::start("s").when(
            "s",
            |_: &u32| std::panic::resume_unwind(Box::new("on purpose")),
            "b",
        ))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    assert_eq!(pipeline.run(1).await.unwrap_err().error_type(), "panic");
    assert_eq!(probe.errors("s", "panic"), 1.0);
    probe.assert_settled();
}

#[tokio::test]
async fn a_then_after_a_join_goes_on_from_the_join() {
    async fn sum(_: StepContext, (a, b): (u32, u32)) -> Result<u32, io::Error> {
        Ok(a + b)
    }
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .step("c", same)
        .join("d", sum)
        .step("e", double)
        .flow(Flow::start("a").fan_out("a", ["b", "c"]).join(["b", "c"], "d").then("e"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(3).await.unwrap().output, 12);
}

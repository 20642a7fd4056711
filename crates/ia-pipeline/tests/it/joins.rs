//! Steps that run at the same time, and steps that wait for several.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ia_pipeline::{Flow, Inputs, Pipeline, Policy, RunErrorKind, Service, Services, StepContext};
use tokio::sync::Barrier;

use crate::probe::{Probe, fail, same};

async fn sum(_: StepContext, (a, b): (u32, u32)) -> Result<u32, io::Error> {
    Ok(a + b)
}

#[tokio::test]
async fn the_middle_steps_of_a_diamond_meet_at_a_barrier_that_neither_could_pass_alone() {
    async fn meet(_: StepContext, n: u32, barrier: Service<Barrier>) -> Result<u32, io::Error> {
        barrier.wait().await;
        Ok(n)
    }
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", meet)
        .step("c", meet)
        .join("d", sum)
        .flow(Flow::start("a").fan_out("a", ["b", "c"]).join(["b", "c"], "d"))
        .services(Services::new().insert(Barrier::new(2)))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(3).await.unwrap().output, 6);
}

#[tokio::test]
async fn two_branches_that_end_in_one_step_run_it_once() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .step("c", same)
        .step("d", same)
        .step("e", same)
        .join("f", sum)
        .flow(
            Flow::start("a")
                .fan_out("a", ["b", "c"])
                .edge("b", "d")
                .edge("c", "e")
                .join(["d", "e"], "f"),
        )
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    assert_eq!(run.output, 2);
    for step in ["a", "b", "c", "d", "e", "f"] {
        assert_eq!(probe.steps(step, "success"), 1.0, "{step}");
    }
    assert_eq!(run.steps.last().unwrap().name, "f");
}

#[tokio::test]
async fn a_join_sees_which_predecessor_was_skipped() {
    async fn merge(
        _: StepContext,
        (b, c): (Option<u32>, Option<Arc<u32>>),
    ) -> Result<String, io::Error> {
        Ok(format!("{b:?} {c:?}"))
    }
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .step("c", same)
        .join("d", merge)
        .flow(
            Flow::start("a")
                .when("a", |n: &u32| *n > 5, "b")
                .otherwise("a", "c")
                .join(["b", "c"], "d"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(6).await.unwrap().output, "Some(6) None");
    assert_eq!(pipeline.run(5).await.unwrap().output, "None Some(5)");
}

#[tokio::test]
async fn a_join_by_name_knows_its_predecessors() {
    async fn merge(_: StepContext, inputs: Inputs) -> Result<String, io::Error> {
        let names: Vec<&str> = inputs.names().collect();
        let skipped: Vec<&str> = inputs.skipped().collect();
        Ok(format!(
            "{names:?} {skipped:?} {:?} {:?}",
            inputs.get::<u32>("c"),
            inputs.get::<String>("c")
        ))
    }
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .step("c", same)
        .join("d", merge)
        .flow(Flow::start("a").when("a", |_: &u32| false, "b").edge("a", "c").join(["b", "c"], "d"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(6).await.unwrap().output, r#"["b", "c"] ["b"] Some(6) None"#);
}

#[tokio::test]
async fn a_join_whose_needed_value_was_skipped_is_skipped_too() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .join("d", sum)
        .flow(Flow::start("a").when("a", |n: &u32| *n > 5, "b").join(["a", "b"], "d"))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    assert_eq!(pipeline.run(6).await.unwrap().output, 12);
    let error = pipeline.run(5).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::NoOutput);
    assert!(error.to_string().contains("no step gave its output"), "{error}");
    assert_eq!((probe.steps("d", "skipped"), probe.runs("error")), (1.0, 1.0));
}

#[tokio::test]
async fn exclusive_branches_meet_in_a_plain_step() {
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .step("c", same)
        .step("d", same)
        .flow(
            Flow::start("a")
                .when("a", |n: &u32| *n > 5, "b")
                .otherwise("a", "c")
                .edge("b", "d")
                .edge("c", "d"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(
        (pipeline.run(6).await.unwrap().output, pipeline.run(5).await.unwrap().output),
        (6, 5)
    );
}

#[tokio::test]
async fn a_plain_step_that_is_given_two_values_fails_and_says_so() {
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .step("c", same)
        .step("d", same)
        .flow(
            Flow::start("a")
                .when("a", |n: &u32| *n > 5, "b")
                .when("a", |n: &u32| *n > 6, "c")
                .edge("b", "d")
                .edge("c", "d"),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(6).await.unwrap().output, 6);
    let error = pipeline.run(7).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("d"), "ambiguous_input"));
    assert!(error.to_string().contains(".join"), "{error}");
}

#[tokio::test]
async fn after_a_failure_that_does_not_end_the_run_an_option_is_none_and_anything_else_is_skipped()
{
    async fn maybe(_: StepContext, n: Option<u32>) -> Result<u32, io::Error> {
        Ok(n.unwrap_or(99))
    }
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("s", fail)
        .policy(Policy::new().continue_on_error())
        .step("needs", same)
        .step("after", same)
        .step("maybe", maybe)
        .flow(Flow::start("a").then("s").fan_out("s", ["needs", "maybe"]).edge("needs", "after"))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    assert_eq!(pipeline.run(1).await.unwrap().output, 99);
    assert_eq!((probe.steps("needs", "skipped"), probe.steps("after", "skipped")), (1.0, 1.0));
}

#[tokio::test]
async fn the_output_is_that_of_the_end_step_added_last_however_they_are_timed() {
    async fn slow(_: StepContext, n: u32) -> Result<u32, io::Error> {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        Ok(n + 1)
    }
    for (first, second) in [("b", "c"), ("c", "b")] {
        let counter = Arc::new(AtomicU32::new(0));
        let ran = Arc::clone(&counter);
        let pipeline = Pipeline::builder("p")
            .step("a", same)
            .step(first, move |_: StepContext, n: u32| {
                let ran = Arc::clone(&ran);
                async move {
                    ran.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, io::Error>(n + 100)
                }
            })
            .step(second, slow)
            .flow(Flow::start("a").fan_out("a", ["b", "c"]))
            .enable_telemetry(false)
            .build()
            .unwrap();
        assert_eq!(pipeline.run(1).await.unwrap().output, 2);
        assert_eq!(counter.load(Ordering::Relaxed), 1);
    }
}

//! The outcome table: what each way to end leaves behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ia_pipeline::{
    Backoff, Flow, Pipeline, Policy, RunErrorKind, StepContext, StepError, StepStatus,
};
use ia_tracing::Status;

use crate::probe::{Probe, double, fail, never, same};

/// One row: what happened, and what it must leave behind.
struct Row {
    what: &'static str,
    pipeline: Pipeline<u32, u32>,
    probe: Probe,
    run: &'static str,
    /// Of the step `s`.
    step: &'static str,
    error_type: Option<&'static str>,
    run_span: Expect,
    step_span: Expect,
    retries: f64,
}

#[derive(PartialEq)]
enum Expect {
    Error,
    None,
    Ok,
}

fn row(
    what: &'static str,
    build: impl FnOnce(ia_pipeline::Steps) -> (Pipeline<u32, u32>, Probe),
    (run, step, error_type): (&'static str, &'static str, Option<&'static str>),
    (run_span, step_span): (Expect, Expect),
    retries: f64,
) -> Row {
    let (pipeline, probe) = build(ia_pipeline::Steps::new());
    Row { what, pipeline, probe, run, step, error_type, run_span, step_span, retries }
}

async fn panics(_: StepContext, _: u32) -> Result<u32, StepError> {
    std::panic::resume_unwind(Box::new("on purpose"))
}

fn third_time(
    tries: &Arc<AtomicU32>,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, StepError>> + use<> {
    let tries = Arc::clone(tries);
    move |_, n| {
        std::future::ready(match tries.fetch_add(1, Ordering::Relaxed) % 3 {
            2 => Ok(n),
            _ => Err(StepError::msg("not yet")),
        })
    }
}

macro_rules! pipeline {
    ($builder:ident => $steps:expr) => {
        |_| {
            let probe = Probe::new();
            let $builder = Pipeline::builder("p").telemetry(probe.instruments());
            ($steps.build().unwrap(), probe)
        }
    };
}

#[expect(clippy::too_many_lines, reason = "it is one table")]
fn table() -> Vec<Row> {
    use Expect::{Error, None as Absent, Ok as Fine};
    let second = Duration::from_secs(1);
    vec![
        row(
            "finished",
            pipeline!(b => b.step("s", same)),
            ("success", "success", None),
            (Fine, Fine),
            0.0,
        ),
        row(
            "step returned an error",
            pipeline!(b => b.step("s", fail)),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            0.0,
        ),
        row(
            "step timed out",
            pipeline!(b => b.step("s", never).policy(Policy::new().timeout(second))),
            ("error", "error", Some("timeout")),
            (Error, Error),
            0.0,
        ),
        row(
            "all attempts together took too long",
            pipeline!(b => b.step("s", never).policy(Policy::new().total_timeout(second))),
            ("error", "error", Some("timeout")),
            (Error, Error),
            0.0,
        ),
        row(
            "run deadline",
            pipeline!(b => b.step("s", never).deadline(second)),
            ("error", "error", Some("timeout")),
            (Error, Error),
            0.0,
        ),
        row(
            "step panicked",
            pipeline!(b => b.step("s", panics)),
            ("error", "error", Some("panic")),
            (Error, Error),
            0.0,
        ),
        row(
            "fallback answered",
            pipeline!(b => b.step("s", fail).fallback(double)),
            ("success", "fallback", Some("NotFound")),
            (Fine, Fine),
            0.0,
        ),
        row(
            "fallback failed too",
            pipeline!(b => b.step("s", fail).fallback(panics)),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            0.0,
        ),
        row(
            "failed, continue_on_error",
            pipeline!(b => b
                .step("a", same)
                .step("s", fail)
                .policy(Policy::new().continue_on_error())
                .step("z", same)
                .flow(Flow::start("a").fan_out("a", ["s", "z"]))),
            ("success", "error", Some("NotFound")),
            (Fine, Error),
            0.0,
        ),
        row(
            "attempts failed, then success",
            pipeline!(b => b
                .step("s", third_time(&Arc::default()))
                .policy(Policy::retry(5).backoff(Backoff::NONE))),
            ("success", "success", None),
            (Fine, Fine),
            2.0,
        ),
        row(
            "all attempts failed",
            pipeline!(b => b.step("s", fail).policy(Policy::retry(3))),
            ("error", "error", Some("NotFound")),
            (Error, Error),
            3.0,
        ),
        row(
            "loop limit",
            pipeline!(b => b.step("s", same).flow(Flow::start("s").repeat("s", |_: &u32| true, "s", 2))),
            ("error", "error", Some("loop_limit")),
            (Error, Error),
            0.0,
        ),
        row(
            "branch not taken",
            pipeline!(b => b
                .step("a", same)
                .step("s", same)
                .step("b", same)
                .flow(Flow::start("a").when("a", |n: &u32| *n > 100, "s").otherwise("a", "b"))),
            ("success", "skipped", None),
            (Fine, Absent),
            0.0,
        ),
        row(
            "flow ended in end_with_failure",
            pipeline!(b => b.step("s", same).flow(Flow::start("s").edge("s", Flow::FAILURE).when("s", |_: &u32| false, Flow::END))),
            ("error", "success", None),
            (Error, Fine),
            0.0,
        ),
    ]
}

fn check(status: &Status, expected: &Expect) -> bool {
    match expected {
        Expect::Error => status.is_error(),
        Expect::Ok => status.is_ok(),
        Expect::None => false,
    }
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_outcome_table_holds() {
    for row in table() {
        let (what, probe) = (row.what, &row.probe);
        let result = row.pipeline.run(7).await;
        assert_eq!(result.is_ok(), row.run == "success", "{what}: {result:?}");
        assert_eq!(probe.runs(row.run), 1.0, "{what}: run");
        assert_eq!(probe.all_runs(), 1.0, "{what}: exactly one terminal count");
        assert!(probe.steps("s", row.step) >= 1.0, "{what}: step");
        assert_eq!(
            probe.value("step_retries_total", &[("step_name", "s")]),
            row.retries,
            "{what}: retries"
        );
        let errors = probe.registry.snapshot().sum("step_errors_total", [("step_name", "s")]);
        assert_eq!(
            errors,
            f64::from(u8::from(row.error_type.is_some())),
            "{what}: errors of the step"
        );
        if let Some(error_type) = row.error_type {
            assert_eq!(probe.errors("s", error_type), 1.0, "{what}: error type");
        }
        assert!(
            check(probe.span("p").status(), &row.run_span),
            "{what}: {:?}",
            probe.span("p").status()
        );
        if row.step_span == Expect::None {
            assert!(
                probe.spans().iter().all(|span| span.name() != "s"),
                "{what}: there is no span"
            );
        } else {
            let last = probe.spans().iter().rev().find(|span| span.name() == "s").unwrap().clone();
            assert!(check(last.status(), &row.step_span), "{what}: {:?}", last.status());
        }
        let last_success = probe
            .registry
            .snapshot()
            .value("pipeline_last_success_timestamp_seconds", [("pipeline_name", "p")]);
        assert_eq!(last_success.is_some(), row.run == "success", "{what}: last success");
        probe.assert_settled();
    }
}

#[tokio::test(start_paused = true)]
async fn every_row_counts_once_when_its_run_is_dropped_at_any_poll() {
    for polls in 1..30 {
        for row in table() {
            let what = row.what;
            let finished = crate::cancellation::poll_times(row.pipeline.run(7), polls).await;
            let probe = &row.probe;
            assert_eq!(
                probe.all_runs(),
                1.0,
                "{what}, dropped after {polls} polls: one terminal count"
            );
            assert_eq!(
                probe.runs("cancelled"),
                f64::from(u8::from(!finished)),
                "{what}, dropped after {polls} polls"
            );
            probe.assert_settled();
            let executed: f64 = StepStatus::ALL
                .into_iter()
                .filter(|status| *status != StepStatus::Skipped)
                .map(|status| {
                    probe
                        .registry
                        .snapshot()
                        .sum("step_executions_total", [("status", status.as_str())])
                })
                .sum();
            let of_steps =
                probe.spans().iter().filter(|span| span.attribute("step.status").is_some()).count();
            assert_eq!(of_steps as f64, executed, "{what}: a span for each execution of a step");
            let of_runs = probe
                .spans()
                .iter()
                .filter(|span| span.attribute("pipeline.status").is_some())
                .count();
            assert_eq!(of_runs, 1, "{what}: one span of the run");
            for span in &probe.spans() {
                assert_ne!(
                    *span.status(),
                    Status::Unset,
                    "{what}: span `{}` has no end",
                    span.name()
                );
            }
        }
    }
}

#[tokio::test]
async fn a_fallback_leaves_the_original_name_as_an_event() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", fail)
        .fallback(double)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = pipeline.run(4).await.unwrap();
    assert_eq!((run.output, run.steps[0].status), (8, StepStatus::Fallback));
    assert_eq!(run.steps[0].error_type.as_deref(), Some("NotFound"));
    let span = probe.span("s");
    assert_eq!(span.events()[0].name(), "fallback");
    assert_eq!(span.events()[0].attribute("error.type").unwrap().as_str(), Some("NotFound"));
}

#[tokio::test]
async fn when_the_fallback_fails_too_the_error_tells_of_both() {
    let pipeline = Pipeline::builder("p")
        .step("s", fail)
        .fallback(panics)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(4).await.unwrap_err();
    assert_eq!(error.error_type(), "NotFound");
    assert!(
        error
            .to_string()
            .ends_with("entity not found; its fallback failed too: panicked: on purpose"),
        "{error}"
    );
}

#[tokio::test]
async fn each_attempt_of_a_retried_step_is_a_span_of_its_own() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", third_time(&Arc::default()))
        .policy(Policy::retry(3).backoff(Backoff::NONE))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    assert_eq!(run.steps[0].attempts, 3);
    assert_eq!(probe.spans().tree(), "p > s (attempt, attempt, attempt)");
    let errors: Vec<bool> = probe
        .spans()
        .iter()
        .filter(|span| span.name() == "attempt")
        .map(|span| span.status().is_error())
        .collect();
    assert_eq!(errors, [true, true, false]);
}

#[tokio::test]
async fn a_failed_run_says_what_failed_and_carries_the_completed_steps() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("s", fail)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Step);
    assert_eq!((error.step(), error.error_type()), (Some("s"), "NotFound"));
    assert_eq!(error.completed().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(error.to_string(), "pipeline `p` failed in step `s`: entity not found");
    assert_eq!(error.trace_id(), probe.span("p").trace_id());
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_flow_that_ends_as_a_failure_is_an_error_of_the_run_alone() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .flow(Flow::start("s").when("s", |n: &u32| *n > 5, Flow::END).otherwise("s", Flow::FAILURE))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    assert_eq!(pipeline.run(6).await.unwrap().output, 6);
    let error = pipeline.run(5).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.error_type()),
        (RunErrorKind::EndedInFailure, "end_with_failure")
    );
    assert_eq!(
        (probe.runs("success"), probe.runs("error"), probe.steps("s", "success")),
        (1.0, 1.0, 2.0)
    );
}

#[tokio::test]
async fn a_panicking_step_leaves_the_other_runs_alone() {
    let probe = Probe::new();
    async fn odd_panics(_: StepContext, n: u32) -> Result<u32, StepError> {
        tokio::task::yield_now().await;
        if n % 2 == 1 { panics_now() } else { Ok(n) }
    }
    fn panics_now() -> ! {
        std::panic::resume_unwind(Box::new("on purpose".to_owned()))
    }
    let pipeline = Pipeline::builder("p")
        .step("s", odd_panics)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let runs: Vec<_> = (0..20).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for (n, run) in runs.into_iter().enumerate() {
        let result = run.await.unwrap();
        assert_eq!(result.is_ok(), n % 2 == 0);
        if let Err(error) = result {
            assert_eq!(error.to_string(), "pipeline `p` failed in step `s`: panicked: on purpose");
        }
    }
    assert_eq!((probe.runs("success"), probe.runs("error")), (10.0, 10.0));
    probe.assert_settled();
}

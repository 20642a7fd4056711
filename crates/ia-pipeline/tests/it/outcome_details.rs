//! Details of how runs end.

use std::sync::Arc;

use ia_pipeline::{
    Backoff, Flow, Pipeline, Policy, RateLimit, RunErrorKind, StepContext, StepError, StepStatus,
};

use crate::outcome_rows::{panics, third_time, used};
use crate::probe::{Probe, double, fail, same};

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

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_as_it_waits_for_a_rate_limit_is_cancelled() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", same)
        .policy(Policy::new().rate_limit(used(RateLimit::per_second(1))))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    assert_eq!(probe.value("pipeline_queue_depth", &[]), 1.0);
    running.canceller().cancel();
    let error = running.await.unwrap_err();
    assert_eq!((error.kind(), error.steps()[0].attempts), (RunErrorKind::Cancelled, 0));
    assert_eq!((probe.runs("cancelled"), probe.steps("s", "cancelled")), (1.0, 1.0));
    assert_eq!(probe.registry.snapshot().sum("step_errors_total", []), 0.0);
    probe.assert_settled();
}

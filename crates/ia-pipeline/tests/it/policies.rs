//! Retries, waits and time limits.

use std::io;
use std::time::Duration;

use ia_pipeline::{Backoff, Pipeline, Policy, StepContext};

use crate::probe::{Probe, fail, never};

#[tokio::test(start_paused = true)]
async fn waits_double_up_to_the_longest_and_are_shortened_by_up_to_a_half() {
    let pipeline = Pipeline::builder("p")
        .step("s", fail)
        .policy(
            Policy::retry(4)
                .backoff(Backoff::exponential(Duration::from_secs(1), Duration::from_secs(3))),
        )
        .enable_telemetry(false)
        .build()
        .unwrap();
    let since = tokio::time::Instant::now();
    assert!(pipeline.run(1).await.is_err());
    // 1 + 2 + 3 + 3 seconds, each at least half.
    let waited = since.elapsed();
    assert!((4_500..=9_010).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_its_own_time() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, n: u32| async move {
            if ctx.attempt() < 3 {
                std::future::pending::<()>().await;
            }
            Ok::<_, io::Error>(n)
        })
        .policy(Policy::retry(2).timeout(Duration::from_secs(5)).backoff(Backoff::NONE))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let since = tokio::time::Instant::now();
    pipeline.run(1).await.unwrap();
    assert_eq!(since.elapsed().as_secs(), 10);
    let timeouts = probe
        .spans()
        .iter()
        .filter(|span| span.name() == "attempt" && span.status().is_error())
        .count();
    assert_eq!(timeouts, 2);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_every_step_under_way_as_a_timeout() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", never)
        .deadline(Duration::from_mins(1))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(error.kind(), ia_pipeline::RunErrorKind::Deadline);
    assert_eq!(error.to_string(), "pipeline `p` took longer than its deadline of 60s");
    assert_eq!((probe.errors("s", "timeout"), probe.steps("s", "error")), (1.0, 1.0));
}

#[tokio::test]
async fn a_step_knows_how_much_time_is_left() {
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move { Ok::<_, io::Error>(ctx.remaining()) })
        .deadline(Duration::from_mins(1))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let left = pipeline.run(()).await.unwrap().output.unwrap();
    assert!(left > Duration::from_secs(50) && left <= Duration::from_mins(1), "{left:?}");
}

#[test]
fn without_time_limits_no_runtime_is_needed() {
    let pipeline = Pipeline::builder("p")
        .step("s", crate::probe::double)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = futures_util::FutureExt::now_or_never(pipeline.run(2)).unwrap().unwrap();
    assert_eq!(run.output, 4);
}

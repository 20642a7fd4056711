//! What a refusal means for the step and the run.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ia_pipeline::{
    Backoff, Budget, BudgetExceeded, Flow, OnExceeded, Pipeline, Policy, Run, RunError,
    RunErrorKind, StepContext, StepStatus, Usage, usd,
};

use crate::budget_probe::{ask, pipeline, prices, run_with, warnings};
use crate::probe::{Probe, same};

/// A step that is refused, with a policy and a fallback; how often it was tried, and how its run ended.
async fn refused_step<E>(
    probe: &Probe,
    reaction: OnExceeded,
    wrap: impl Fn(BudgetExceeded) -> E + Clone + Send + Sync + 'static,
) -> (u32, Result<Run<u32>, RunError>)
where
    E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
{
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, n: u32| {
            counted.fetch_add(1, Ordering::Relaxed);
            let wrap = wrap.clone();
            async move { ask(&ctx).map(|()| n).map_err(wrap) }
        })
        .policy(Policy::retry(3).backoff(Backoff::NONE))
        .fallback(same)
        .prices(prices())
        .budget(Budget::usd("0.5").on_exceeded(reaction))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let result = pipeline.run(7).await;
    (tries.load(Ordering::Relaxed), result)
}

#[tokio::test]
async fn stop_ends_the_run_without_another_try_and_without_the_fallback() {
    let probe = Probe::new();
    let (tries, result) = refused_step(&probe, OnExceeded::Stop, |error| error).await;
    let error = result.unwrap_err();
    assert_eq!((tries, error.kind(), error.step()), (1, RunErrorKind::BudgetExceeded, Some("s")));
    assert_eq!(error.error_type(), "budget_exceeded");
    assert_eq!((probe.errors("s", "budget_exceeded"), probe.steps("s", "error")), (1.0, 1.0));
    assert_eq!(probe.runs("error"), 1.0);
    probe.assert_settled();
}

#[tokio::test]
async fn fallback_answers_without_another_try_and_the_run_goes_on() {
    let probe = Probe::new();
    let (tries, result) = refused_step(&probe, OnExceeded::Fallback, |error| error).await;
    let run = result.unwrap();
    assert_eq!((tries, run.output, run.steps[0].status), (1, 7, StepStatus::Fallback));
    assert_eq!(run.steps[0].error_type.as_deref(), Some("budget_exceeded"));
    assert_eq!(probe.errors("s", "budget_exceeded"), 1.0);
}

#[tokio::test]
async fn warn_refuses_nothing_and_says_so_once_for_each_run() {
    let probe = Probe::new();
    let run = run_with(
        &probe,
        Budget::usd("0.5").on_exceeded(OnExceeded::Warn),
        |ctx: StepContext, ()| async move {
            for _ in 0..3 {
                let call = ctx.api_call("openai").model("m").tokens(1_000_000, 0).reserve()?;
                call.finish(Usage::tokens(1_000_000, 0));
                tokio::task::yield_now().await;
            }
            Ok(1)
        },
    );
    assert_eq!(run.await.unwrap().cost, usd("3"));
    let told = warnings(&probe);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("has $0.50 of $0.50 left, but $1.00 more are asked for"), "{told:?}");
}

#[derive(Debug, thiserror::Error)]
#[error("asking the model failed")]
struct Wrapped(#[source] BudgetExceeded);

#[tokio::test]
async fn a_refusal_is_recognised_in_whatever_it_is_wrapped() {
    let probe = Probe::new();
    let kinds = [
        refused_step(&probe, OnExceeded::Stop, Wrapped).await,
        refused_step(&probe, OnExceeded::Stop, |error| format!("asking failed: {error}")).await,
        refused_step(&probe, OnExceeded::Stop, io::Error::other).await,
    ];
    for (tries, result) in kinds {
        let error = result.unwrap_err();
        assert_eq!((tries, error.kind()), (1, RunErrorKind::BudgetExceeded), "{error}");
    }
}

#[tokio::test]
async fn an_error_that_is_not_the_refusal_keeps_its_name() {
    let run = run_with(&Probe::new(), Budget::usd("0.5"), |ctx: StepContext, ()| async move {
        assert!(ask(&ctx).is_err());
        Err(io::Error::from(io::ErrorKind::NotFound).into())
    });
    let error = run.await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (RunErrorKind::Step, "NotFound"));
}

#[tokio::test]
async fn a_refusal_of_an_inner_run_is_no_refusal_of_the_outer() {
    let inner = pipeline(&Probe::new(), Budget::usd("0.5"), |ctx: StepContext, ()| async move {
        ask(&ctx)?;
        Ok(1)
    });
    let outer = Pipeline::builder("outer")
        .step("s", move |_: StepContext, n: u32| {
            let inner = inner.clone();
            async move { inner.run(()).await.map(|run| run.output + n) }
        })
        .fallback(same)
        .budget(Budget::usd("100"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(outer.run(7).await.unwrap().output, 7);
}

/// Two steps, the first of which may fail; how the run ended, and whether the second one ran.
async fn continued(reaction: OnExceeded) -> (Result<Run<u32>, RunError>, u32) {
    let second = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&second);
    let pipeline = Pipeline::builder("p")
        .step("a", |ctx: StepContext, n: u32| async move { ask(&ctx).map(|()| n) })
        .policy(Policy::new().continue_on_error())
        .step("b", move |_: StepContext, n: Option<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move { Ok::<_, io::Error>(n.unwrap_or(99)) }
        })
        .prices(prices())
        .budget(Budget::usd("0.5").on_exceeded(reaction))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let result = pipeline.run(1).await;
    (result, second.load(Ordering::Relaxed))
}

#[tokio::test]
async fn stop_does_not_continue_on_error_and_fallback_does() {
    let (stopped, ran) = continued(OnExceeded::Stop).await;
    assert_eq!((stopped.unwrap_err().kind(), ran), (RunErrorKind::BudgetExceeded, 0));
    let (went_on, ran) = continued(OnExceeded::Fallback).await;
    assert_eq!((went_on.unwrap().output, ran), (99, 1));
}

#[tokio::test]
async fn a_refused_fallback_ends_the_run_too() {
    let pipeline = Pipeline::builder("p")
        .step("s", crate::probe::fail)
        .fallback(|ctx: StepContext, n: u32| async move { ask(&ctx).map(|()| n) })
        .policy(Policy::new())
        .prices(prices())
        .budget(Budget::usd("0.5"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.error_type()),
        (RunErrorKind::BudgetExceeded, "budget_exceeded")
    );
}

#[tokio::test]
async fn siblings_of_a_refused_step_are_cancelled() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", crate::probe::never)
        .step("c", |ctx: StepContext, n: u32| async move { ask(&ctx).map(|()| n) })
        .join("d", |_: StepContext, (b, c): (u32, u32)| async move { Ok::<_, io::Error>(b + c) })
        .flow(Flow::start("a").fan_out("a", ["b", "c"]).join(["b", "c"], "d"))
        .prices(prices())
        .budget(Budget::usd("0.5"))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    assert_eq!(pipeline.run(1).await.unwrap_err().step(), Some("c"));
    assert_eq!((probe.steps("b", "cancelled"), probe.steps("c", "error")), (1.0, 1.0));
    probe.assert_settled();
}

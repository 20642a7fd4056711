//! The rows of the outcome table, and the steps in them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use ia_pipeline::{
    CircuitBreaker, Pipeline, Policy, RateLimit, Sink, StepContext, StepError, Stream, usd,
};

use crate::probe::{Probe, fail};

/// One row: what happened, and what it must leave behind.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) pipeline: Pipeline<u32, u32>,
    pub(crate) probe: Probe,
    pub(crate) run: &'static str,
    /// Of the step `s`.
    pub(crate) step: &'static str,
    pub(crate) error_type: Option<&'static str>,
    pub(crate) run_span: Expect,
    pub(crate) step_span: Expect,
    pub(crate) retries: f64,
}

#[derive(PartialEq)]
pub(crate) enum Expect {
    Error,
    None,
    Ok,
}

pub(crate) fn row(
    what: &'static str,
    build: impl FnOnce(ia_pipeline::Steps) -> (Pipeline<u32, u32>, Probe),
    (run, step, error_type): (&'static str, &'static str, Option<&'static str>),
    (run_span, step_span): (Expect, Expect),
    retries: f64,
) -> Row {
    let (pipeline, probe) = build(ia_pipeline::Steps::new());
    Row { what, pipeline, probe, run, step, error_type, run_span, step_span, retries }
}

pub(crate) async fn panics(_: StepContext, _: u32) -> Result<u32, StepError> {
    std::panic::resume_unwind(Box::new("on purpose"))
}

pub(crate) fn third_time(
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

/// Takes its time, the first time.
pub(crate) async fn slow_at_first(ctx: StepContext, n: u32) -> Result<u32, StepError> {
    if ctx.attempt() == 1 {
        std::future::pending::<()>().await;
    }
    Ok(n)
}

/// Fails, but lets the steps beside it begin first.
pub(crate) async fn fails_later(_: StepContext, _: u32) -> Result<u32, StepError> {
    tokio::task::yield_now().await;
    Err(StepError::msg("later"))
}

/// Reserves two cents.
pub(crate) async fn spends(ctx: StepContext, n: u32) -> Result<u32, StepError> {
    tokio::task::yield_now().await;
    ctx.reserve(usd("0.02"))?.settle(usd("0.02"));
    Ok(n)
}

/// Asks a person.
pub(crate) async fn asks(ctx: StepContext, n: u32) -> Result<u32, StepError> {
    tokio::task::yield_now().await;
    let more: u32 = ctx.ask("how much more?")?;
    Ok(n + more)
}

/// Sends some items, and fails.
pub(crate) async fn yields_and_fails(
    _: StepContext,
    n: u32,
    out: Sink<u32>,
) -> Result<(), StepError> {
    for item in 0..n {
        out.send(item).await?;
        tokio::task::yield_now().await;
    }
    Err(std::io::Error::from(std::io::ErrorKind::NotFound).into())
}

pub(crate) async fn takes_all(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    let mut sum = 0;
    while let Some(item) = items.next().await {
        sum += item;
    }
    Ok(sum)
}

/// A breaker that has just opened.
pub(crate) fn open_breaker() -> CircuitBreaker {
    let breaker = CircuitBreaker::new().failures(1);
    spend(Policy::new().circuit_breaker(breaker.clone()));
    breaker
}

/// A rate limit whose turn has just been taken.
pub(crate) fn used(limit: RateLimit) -> RateLimit {
    spend(Policy::new().rate_limit(limit.clone()));
    limit
}

/// Makes one attempt that fails, in another pipeline.
fn spend(policy: Policy) {
    let steps = Pipeline::builder("other").step("s", fail).policy(policy).enable_telemetry(false);
    assert!(steps.build().unwrap().run(1).now_or_never().unwrap().is_err());
}

//! What stops a run that is over its budget, or out of its time.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ia_pipeline::{
    Backoff, Budget, BudgetExceeded, BudgetLimit, MemoryStore, OnExceeded, Pipeline, Policy,
    RunErrorKind, SharedBudget, StepContext, StepError, Usage, Usd, usd,
};
use ia_tracing::{ManualClock, Tracer};

use crate::budget_probe::{ask, pipeline, prices, run_with, warnings};
use crate::probe::{Probe, same};

#[tokio::test]
async fn what_was_not_reserved_stops_the_run_where_it_next_waits() {
    let probe = Probe::new();
    let run = run_with(&probe, Budget::usd("1.5"), |ctx: StepContext, ()| async move {
        for _ in 0..10 {
            ctx.api_call("openai").model("m").tokens(1_000_000, 0).record();
            tokio::task::yield_now().await;
        }
        Ok(1)
    });
    let error = run.await.unwrap_err();
    // The second exceeds it; there is no third.
    assert_eq!(
        (error.cost(), error.kind(), error.step()),
        (usd("2"), RunErrorKind::BudgetExceeded, None)
    );
    assert_eq!(
        error.to_string(),
        "pipeline `p` was stopped: the budget had $0.50 of $1.50 left, but $1.00 more were spent; raise it, or reserve each call before it is made"
    );
    assert_eq!((probe.errors("s", "budget_exceeded"), probe.steps("s", "error")), (1.0, 1.0));
    assert!(probe.span("p").status().is_error());
    probe.assert_settled();
}

#[tokio::test]
async fn a_step_that_exceeds_it_and_never_waits_is_the_last_one() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", |ctx: StepContext, n: u32| async move {
            ctx.cost(usd("2"));
            Ok::<_, io::Error>(n)
        })
        .step("b", same)
        .budget(Budget::usd("1"))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::BudgetExceeded);
    assert_eq!((probe.steps("a", "success"), probe.steps("b", "success")), (1.0, 0.0));
}

#[tokio::test]
async fn over_budget_nothing_is_tried_again_and_no_fallback_answers() {
    let tries = Arc::new(AtomicU32::new(0));
    let (counted, answered) = (Arc::clone(&tries), Arc::clone(&tries));
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, _: u32| {
            counted.fetch_add(1, Ordering::Relaxed);
            ctx.cost(usd("2"));
            async { Err::<u32, _>(io::Error::from(io::ErrorKind::NotFound)) }
        })
        .policy(Policy::retry(3).backoff(Backoff::NONE))
        .fallback(move |_: StepContext, n: u32| {
            answered.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Ok::<_, io::Error>(n))
        })
        .budget(Budget::usd("1"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!((error.kind(), tries.load(Ordering::Relaxed)), (RunErrorKind::BudgetExceeded, 1));
    assert_eq!(error.steps()[0].error_type.as_deref(), Some("NotFound"));
}

#[tokio::test]
async fn a_call_that_used_more_than_was_reserved_stops_the_run() {
    let run = run_with(&Probe::new(), Budget::usd("1"), |ctx: StepContext, ()| async move {
        let call = ctx.api_call("openai").model("m").tokens(900_000, 0).reserve()?;
        call.finish(Usage::tokens(2_000_000, 0));
        std::future::pending().await
    });
    let error = run.await.unwrap_err();
    let source = error.source().and_then(|error| error.downcast_ref::<BudgetExceeded>()).unwrap();
    assert!(source.is_spent());
    assert_eq!(error.cost(), usd("2"));
}

#[tokio::test]
async fn over_budget_fallback_goes_on_but_refuses_what_comes_after() {
    let budget = Budget::usd("1").on_exceeded(OnExceeded::Fallback);
    let run = run_with(&Probe::new(), budget, |ctx: StepContext, ()| async move {
        ctx.cost(usd("2"));
        tokio::task::yield_now().await;
        Ok(u32::from(ctx.reserve(Usd::ZERO).is_err()))
    });
    assert_eq!(run.await.unwrap().output, 1);
}

#[tokio::test(start_paused = true)]
async fn time_that_is_over_stops_the_run_like_a_deadline() {
    let probe = Probe::new();
    let budget = Budget::new().wall(Duration::from_mins(1));
    let run = run_with(&probe, budget, |ctx: StepContext, ()| {
        assert!(ctx.remaining().is_some_and(|left| left <= Duration::from_mins(1)));
        std::future::pending()
    });
    let error = run.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.error_type()),
        (RunErrorKind::BudgetExceeded, "budget_exceeded")
    );
    assert_eq!(
        error.to_string(),
        "pipeline `p` was stopped: the budget of 60s is over; raise it, or do less in one run"
    );
    assert_eq!((probe.errors("s", "budget_exceeded"), probe.errors("s", "timeout")), (1.0, 0.0));
}

#[tokio::test(start_paused = true)]
async fn time_that_is_over_is_only_told_where_the_budget_warns() {
    let probe = Probe::new();
    let budget = Budget::new().wall(Duration::from_mins(1)).on_exceeded(OnExceeded::Warn);
    let run = run_with(&probe, budget, |_: StepContext, ()| async {
        tokio::time::sleep(Duration::from_mins(5)).await;
        Ok(1)
    });
    assert_eq!(run.await.unwrap().output, 1);
    assert_eq!(warnings(&probe).len(), 1);
}

#[tokio::test]
async fn time_that_is_over_refuses_reservations_where_fallbacks_answer() {
    let clock = ManualClock::new();
    let probe = Probe { tracer: Tracer::builder().clock(clock.clone()).build(), ..Probe::new() };
    let budget = Budget::new().wall(Duration::from_mins(1)).on_exceeded(OnExceeded::Fallback);
    let run = run_with(&probe, budget, move |ctx: StepContext, ()| {
        let clock = clock.clone();
        async move {
            drop(ctx.reserve(Usd::ZERO)?);
            clock.advance(Duration::from_mins(1));
            tokio::task::yield_now().await;
            assert!(matches!(
                ctx.reserve(Usd::ZERO).unwrap_err().limit(),
                BudgetLimit::Wall { limit } if *limit == Duration::from_mins(1)
            ));
            Ok(1)
        }
    });
    assert_eq!(run.await.unwrap().output, 1);
}

#[tokio::test]
async fn the_time_of_a_shared_budget_begins_with_its_first_run() {
    let clock = ManualClock::new();
    let probe = Probe { tracer: Tracer::builder().clock(clock.clone()).build(), ..Probe::new() };
    let shared = SharedBudget::new(Budget::new().wall(Duration::from_mins(1)));
    let pipeline = pipeline(&probe, &shared, |_: StepContext, ()| async { Ok(1) });
    clock.advance(Duration::from_mins(9));
    pipeline.run(()).await.unwrap();
    clock.advance(Duration::from_secs(59));
    pipeline.run(()).await.unwrap();
    clock.advance(Duration::from_secs(1));
    assert_eq!(pipeline.run(()).await.unwrap_err().kind(), RunErrorKind::BudgetExceeded);
}

#[tokio::test]
async fn a_run_that_is_resumed_goes_on_with_what_it_had_left() {
    let pipeline = Pipeline::builder("p")
        .step("a", |ctx: StepContext, n: u32| async move {
            let call = ctx.api_call("openai").model("m").tokens(1_000_000, 0).reserve()?;
            call.finish(Usage::tokens(1_000_000, 0).cached(7).cache_written(8));
            Ok::<_, BudgetExceeded>(n)
        })
        .checkpoint()
        .step("b", |ctx: StepContext, n: u32| async move {
            let more: u32 = ctx.ask("how much more?")?;
            ask(&ctx)?;
            Ok::<_, StepError>(n + more)
        })
        .checkpoint()
        .prices(prices())
        .budget(Budget::usd("1.5"))
        .checkpoint_store(MemoryStore::new())
        .enable_telemetry(false)
        .build()
        .unwrap();
    let paused = pipeline.run(1).await.unwrap_err();
    let running = pipeline.resume_with(paused.pauses()[0].token, &1).await.unwrap();
    let error = running.await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (RunErrorKind::BudgetExceeded, Some("b")));
    assert!(error.to_string().contains("has $0.50 of $1.50 left"), "{error}");
    let tokens = error.completed().next().unwrap().tokens;
    assert_eq!(tokens, Usage::tokens(1_000_000, 0).cached(7).cache_written(8));
}

#[tokio::test]
async fn a_run_that_is_resumed_has_the_time_that_it_had_left() {
    let clock = ManualClock::new();
    let probe = Probe { tracer: Tracer::builder().clock(clock.clone()).build(), ..Probe::new() };
    let ticking = clock.clone();
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, (): ()| {
            let asked = ctx.ask("go on?");
            if asked.is_err() {
                ticking.advance(Duration::from_secs(40));
            }
            std::future::ready(asked.map(|(): ()| ctx.remaining().unwrap().as_secs()))
        })
        .checkpoint()
        .budget(Budget::new().wall(Duration::from_mins(1)))
        .checkpoint_store(MemoryStore::new())
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let paused = pipeline.run(()).await.unwrap_err();
    clock.advance(Duration::from_hours(1));
    let running = pipeline.resume_with(paused.pauses()[0].token, &()).await.unwrap();
    assert_eq!(running.await.unwrap().output, 20);
}

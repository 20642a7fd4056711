//! Budgets of several runs.

use std::io;

use ia_pipeline::{Budget, Pipeline, RunErrorKind, SharedBudget, StepContext, Usage, Usd, usd};

use crate::budget_probe::{ask, pipeline, prices};
use crate::probe::Probe;

#[tokio::test]
async fn a_budget_is_for_each_run_and_a_shared_one_for_all() {
    let step = |ctx: StepContext, ()| async move {
        let call = ctx.api_call("openai").model("m").tokens(1_000_000, 0).reserve()?;
        call.finish(Usage::tokens(1_000_000, 0));
        Ok(1)
    };
    let own = pipeline(&Probe::new(), Budget::usd("1.5"), step);
    for _ in 0..3 {
        own.run(()).await.unwrap();
    }
    let shared = SharedBudget::new(Budget::usd("2.5"));
    let (one, other) =
        (pipeline(&Probe::new(), &shared, step), pipeline(&Probe::new(), shared.clone(), step));
    one.run(()).await.unwrap();
    other.run(()).await.unwrap();
    assert_eq!(one.run(()).await.unwrap_err().kind(), RunErrorKind::BudgetExceeded);
    assert_eq!(shared.remaining().cost, Some(usd("0.5")));
}

#[tokio::test]
async fn a_shared_budget_that_is_exceeded_stops_every_run_of_it() {
    let shared = SharedBudget::new(Budget::usd("1"));
    let waiting = pipeline(&Probe::new(), &shared, |_: StepContext, ()| std::future::pending());
    let spender = pipeline(&Probe::new(), &shared, |ctx: StepContext, ()| async move {
        ctx.cost(usd("2"));
        Ok(1)
    });
    let waiting = tokio::spawn(waiting.run(()));
    tokio::task::yield_now().await;
    assert!(spender.run(()).await.is_err());
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), RunErrorKind::BudgetExceeded);
    // And each that begins afterwards, before its first step.
    let error = spender.run(()).await.unwrap_err();
    assert_eq!((error.kind(), error.cost()), (RunErrorKind::BudgetExceeded, Usd::ZERO));
}

#[tokio::test]
async fn what_one_budget_refuses_is_given_back_to_the_other() {
    let (large, small) =
        (SharedBudget::new(Budget::usd("10")), SharedBudget::new(Budget::usd("0.5")));
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move { Ok::<_, io::Error>(ask(&ctx).is_err()) })
        .prices(prices())
        .budget(Budget::usd("20"))
        .budget(&large)
        .budget(&small)
        .budget(&large)
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert!(pipeline.run(()).await.unwrap().output);
    assert_eq!(large.remaining().cost, Some(usd("10")));
}

#[tokio::test]
async fn a_shared_budget_given_twice_pays_once() {
    let shared = SharedBudget::new(Budget::usd("10"));
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move {
            ctx.cost(usd("1"));
            Ok::<_, io::Error>(())
        })
        .budget(&shared)
        .budget(&shared)
        .enable_telemetry(false)
        .build()
        .unwrap();
    pipeline.run(()).await.unwrap();
    assert_eq!(shared.spent().cost, usd("1"));
}

//! Budgets: what is reserved, refused, settled and given back.

use std::error::Error;

use ia_pipeline::{
    Budget, BudgetExceeded, BudgetLimit, OnExceeded, Pipeline, Policy, Price, PriceBook,
    RunErrorKind, SharedBudget, StepContext, Usage, Usd, usd,
};

use crate::budget_probe::{ask, pipeline, run_with};
use crate::probe::{Probe, same};

#[tokio::test]
async fn a_reservation_that_fits_is_settled_to_what_was_used() {
    let (probe, shared) =
        (Probe::new(), SharedBudget::new(Budget::usd("5.00").tokens(4_000_000).calls(2)));
    let seen = shared.clone();
    let run = run_with(&probe, &shared, move |ctx: StepContext, ()| {
        let seen = seen.clone();
        async move {
            let call = ctx.api_call("openai").model("m").tokens(1_000_000, 1_000_000).reserve()?;
            let (spent, reserved, left) = (seen.spent(), seen.reserved(), seen.remaining());
            assert_eq!((spent.cost, spent.tokens, spent.calls), (Usd::ZERO, 0, 0));
            assert_eq!((reserved.cost, reserved.tokens, reserved.calls), (usd("4"), 2_000_000, 1));
            assert_eq!(
                (left.cost, left.tokens, left.calls),
                (Some(usd("1")), Some(2_000_000), Some(1))
            );
            assert_eq!(call.finish(Usage::tokens(900_000, 200_000)), usd("1.5"));
            Ok(1)
        }
    });
    assert_eq!(run.await.unwrap().cost, usd("1.5"));
    let (spent, reserved) = (shared.spent(), shared.reserved());
    assert_eq!((spent.cost, spent.tokens, spent.calls), (usd("1.5"), 1_100_000, 1));
    assert_eq!((reserved.cost, reserved.tokens, reserved.calls), (Usd::ZERO, 0, 0));
}

#[tokio::test]
async fn a_reservation_that_does_not_fit_is_refused_before_the_call_and_counts_nothing() {
    let probe = Probe::new();
    let run = run_with(&probe, Budget::usd("3.99"), |ctx: StepContext, ()| async move {
        let refused = ctx.api_call("openai").model("m").tokens(1_000_000, 1_000_000).reserve();
        let limit = BudgetLimit::Cost { asked: usd("4"), left: usd("3.99"), limit: usd("3.99") };
        assert_eq!(refused.unwrap_err().limit(), &limit);
        // Something cheaper.
        ctx.api_call("openai").model("m").tokens(1_000_000, 0).reserve()?.finish(Usage::NONE);
        Ok(1)
    });
    assert_eq!(run.await.unwrap().api_calls, 1);
    assert_eq!(probe.value("api_calls_total", &[]), 1.0);
}

#[tokio::test]
async fn each_limit_refuses_for_itself_and_says_what_is_left() {
    for (budget, told) in [
        (
            Budget::new().tokens(999_999),
            "has 999999 of 999999 tokens left, but 1000000 more are asked for",
        ),
        (Budget::new().calls(0), "has 0 of 0 calls left, but 1 more are asked for"),
        (Budget::usd("0"), "has $0.00 of $0.00 left, but $1.00 more are asked for"),
        (Budget::new().cost(usd("-5")), "has $0.00 of $0.00 left"),
        (Budget::usd("0.5").tokens(2_000_000).calls(9), "has $0.50 of $0.50 left"),
    ] {
        let run = run_with(&Probe::new(), budget, |ctx: StepContext, ()| async move {
            ask(&ctx)?;
            Ok(1)
        });
        let error = run.await.unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::BudgetExceeded, "{error}");
        assert!(error.to_string().contains(told), "{error}");
        let source = error.source().unwrap();
        assert!(source.downcast_ref::<BudgetExceeded>().is_some_and(|error| !error.is_spent()));
    }
}

#[tokio::test]
async fn a_call_under_way_that_is_dropped_may_have_cost_what_was_reserved() {
    let (probe, shared) = (Probe::new(), SharedBudget::new(Budget::usd("1").calls(5)));
    let run = run_with(&probe, &shared, |ctx: StepContext, ()| async move {
        drop(ctx.api_call("openai").model("m").tokens(400_000, 0).reserve()?);
        drop(ctx.api_call("openai").start());
        Ok(1)
    });
    assert_eq!(run.await.unwrap().cost, Usd::ZERO, "nobody knows what it cost");
    assert_eq!((shared.spent().cost, shared.spent().calls), (usd("0.4"), 2));
    assert_eq!((shared.reserved().cost, shared.reserved().calls), (Usd::ZERO, 0));
    assert_eq!(probe.value("api_calls_total", &[]), 2.0);
}

#[tokio::test]
async fn a_call_that_was_not_made_gives_back_what_was_reserved() {
    let (probe, shared) = (Probe::new(), SharedBudget::new(Budget::usd("1").calls(5)));
    let run = run_with(&probe, &shared, |ctx: StepContext, ()| async move {
        ctx.api_call("openai").model("m").tokens(400_000, 0).reserve()?.release();
        Ok(1)
    });
    run.await.unwrap();
    assert_eq!((shared.spent(), shared.reserved()), Default::default());
    assert_eq!(probe.value("api_calls_total", &[]), 0.0);
}

#[tokio::test]
async fn calls_that_time_out_again_and_again_come_to_the_end_of_a_budget() {
    let (probe, shared) = (Probe::new(), SharedBudget::new(Budget::usd("1")));
    let hangs = |ctx: StepContext, ()| async move {
        let _call = ctx.api_call("openai").model("m").tokens(300_000, 0).reserve()?;
        std::future::pending::<Result<i32, BudgetExceeded>>().await
    };
    let pipeline = Pipeline::builder("p")
        .step("s", hangs)
        .policy(Policy::retry(19).timeout(std::time::Duration::from_millis(1)))
        .prices(PriceBook::new("test").with("m", Price::per_million(usd("1"), usd("1"))))
        .budget(&shared)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let error = pipeline.run(()).await.unwrap_err();
    assert_eq!((error.error_type(), error.steps()[0].attempts), ("budget_exceeded", 4));
}

#[tokio::test]
async fn a_run_that_is_dropped_keeps_its_calls_and_gives_back_other_costs() {
    let (probe, shared) = (Probe::new(), SharedBudget::new(Budget::usd("1")));
    let pipeline = pipeline(&probe, &shared, |ctx: StepContext, ()| async move {
        let _call = ctx.api_call("openai").model("m").tokens(700_000, 0).reserve()?;
        let _cost = ctx.reserve(usd("0.3"))?;
        std::future::pending().await
    });
    let mut running = Box::pin(pipeline.run(()));
    assert!(futures_util::poll!(&mut running).is_pending());
    assert_eq!(shared.remaining().cost, Some(Usd::ZERO));
    drop(running);
    assert_eq!(shared.remaining().cost, Some(usd("0.3")));
}

#[tokio::test]
async fn a_cost_that_is_no_call_is_reserved_and_settled() {
    let (probe, shared) = (Probe::new(), SharedBudget::new(Budget::usd("1")));
    let run = run_with(&probe, &shared, |ctx: StepContext, ()| async move {
        let rent = ctx.reserve(usd("0.8"))?;
        assert_eq!(rent.reserved(), usd("0.8"));
        assert!(ctx.reserve(usd("0.3")).is_err());
        rent.settle(usd("0.5"));
        drop(ctx.reserve(usd("0.5"))?);
        Ok(1)
    });
    assert_eq!(run.await.unwrap().cost, usd("0.5"));
    assert_eq!((shared.spent().cost, shared.spent().calls), (usd("0.5"), 0));
    assert_eq!(probe.value("pipeline_cost_usd_total", &[]), 0.5);
}

#[tokio::test]
async fn a_budget_may_be_spent_to_the_last_bit() {
    let run = run_with(
        &Probe::new(),
        Budget::usd("1").tokens(1_000_000).calls(1),
        |ctx: StepContext, ()| async move {
            let call = ctx.api_call("openai").model("m").tokens(1_000_000, 0).reserve()?;
            call.finish(Usage::tokens(1_000_000, 0));
            tokio::task::yield_now().await;
            Ok(1)
        },
    );
    assert_eq!(run.await.unwrap().cost, usd("1"));
}

#[tokio::test]
async fn in_dollars_a_price_that_is_not_known_is_refused_as_it_is_not_zero() {
    let prices = PriceBook::from_litellm(
        r#"{ "m": { "input_cost_per_token": 1e-6, "output_cost_per_token": 0 }, "bad": { "input_cost_per_token": -1 } }"#,
    );
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move {
            let refused = |call: Result<_, BudgetExceeded>| call.map(drop).unwrap_err().to_string();
            let told = refused(ctx.api_call("openai").model("who knows").tokens(1, 0).reserve());
            assert!(
                told.contains("price of `who knows` is not known; add it to the price book"),
                "{told}"
            );
            let told = refused(ctx.api_call("openai").model("bad").tokens(1, 0).reserve());
            assert!(told.contains("its entry was refused: `input_cost_per_token` is -1"), "{told}");
            let told = refused(ctx.api_call("maps").reserve());
            assert!(told.contains("say `.cost(…)`"), "{told}");
            let told = refused(ctx.api_call("maps").cost(usd("-1")).reserve());
            assert!(told.contains("say `.cost(…)`"), "{told}");
            ctx.api_call("maps").cost(usd("0.01")).reserve()?.finish(Usage::NONE);
            Ok::<_, BudgetExceeded>(())
        })
        .prices(prices.unwrap())
        .budget(Budget::usd("1"))
        .enable_telemetry(false)
        .build()
        .unwrap();
    assert_eq!(pipeline.run(()).await.unwrap().cost, usd("0.01"));
}

#[tokio::test]
async fn without_dollars_the_price_need_not_be_known() {
    let run = run_with(&Probe::new(), Budget::new().calls(1), |ctx: StepContext, ()| async move {
        ctx.api_call("maps").reserve()?.finish(Usage::NONE);
        Ok(1)
    });
    assert_eq!(run.await.unwrap().api_calls, 1);
}

#[tokio::test]
async fn without_a_budget_a_reservation_is_a_call_like_any_other() {
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, (): ()| async move {
            ctx.api_call("maps").reserve()?.finish(Usage::tokens(3, 4));
            ctx.reserve(usd("2"))?.settle(usd("1"));
            Ok::<_, BudgetExceeded>(())
        })
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = pipeline.run(()).await.unwrap();
    assert_eq!((run.api_calls, run.tokens, run.cost), (1, Usage::tokens(3, 4), usd("1")));
}

#[tokio::test]
async fn any_number_of_tokens_can_be_asked_for_and_used() {
    let shared = SharedBudget::new(Budget::new().tokens(u64::MAX).on_exceeded(OnExceeded::Warn));
    let run = run_with(&Probe::new(), &shared, |ctx: StepContext, ()| async move {
        let call = || ctx.api_call("openai").model("m").tokens(u64::MAX, u64::MAX).reserve();
        let (one, other) = (call()?, call()?);
        one.finish(Usage::tokens(u64::MAX, u64::MAX));
        drop(other);
        Ok(1)
    });
    assert_eq!(run.await.unwrap().cost, Usd::from_nanos(i64::MAX));
    assert_eq!((shared.spent().tokens, shared.reserved().tokens), (u64::MAX, 0));
}

#[test]
fn the_failure_is_there_at_zero_where_there_is_a_budget_only() {
    let (with, without) = (Probe::new(), Probe::new());
    drop(pipeline(&with, Budget::usd("1"), |_: StepContext, ()| async { Ok(1) }));
    drop(Pipeline::builder("p").step("s", same).telemetry(without.instruments()).build());
    let there = |probe: &Probe| {
        let labels =
            [("pipeline_name", "p"), ("step_name", "s"), ("error_type", "budget_exceeded")];
        probe.registry.snapshot().value("step_errors_total", labels)
    };
    assert_eq!((there(&with), there(&without)), (Some(0.0), None));
}

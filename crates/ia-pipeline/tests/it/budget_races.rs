//! Budgets under many calls at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use ia_pipeline::{
    Budget, BudgetExceeded, Pipeline, Price, PriceBook, RunErrorKind, SharedBudget, StepContext,
    Usage, usd,
};

fn prices() -> PriceBook {
    PriceBook::new("test").with("m", Price::per_million(usd("1"), usd("1")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reservations_from_many_threads_never_exceed_the_limit() {
    const LIMIT: u64 = 1_000;
    let shared = SharedBudget::new(Budget::usd("0.001").tokens(LIMIT).calls(1_000));
    // Raised after each reservation and lowered before anything is given back: never more than what is taken.
    let taken = Arc::new(AtomicU64::new(0));
    let most_taken = Arc::new(AtomicU64::new(0));
    let (taken_by_all, most) = (Arc::clone(&taken), Arc::clone(&most_taken));
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, seed: u64| {
            let (taken, most) = (Arc::clone(&taken_by_all), Arc::clone(&most));
            async move {
                let work = (0..8_u64).map(|worker| {
                    let (inner, taken, most) = (ctx.clone(), Arc::clone(&taken), Arc::clone(&most));
                    ctx.spawn(async move {
                        for round in 0..50 {
                            let tokens = 1 + (seed + 7 * worker + 3 * round) % 30;
                            let call = inner.api_call("x").model("m").tokens(tokens, 0).reserve();
                            let Ok(call) = call else { continue };
                            let sum = taken.fetch_add(tokens, Ordering::SeqCst) + tokens;
                            most.fetch_max(sum, Ordering::SeqCst);
                            tokio::task::yield_now().await;
                            // Some fail, some use less.
                            let used = [0, tokens, tokens / 2][usize::try_from(round % 3).unwrap()];
                            taken.fetch_sub(tokens - used, Ordering::SeqCst);
                            if used == 0 {
                                call.release();
                            } else {
                                call.finish(Usage::tokens(used, 0));
                            }
                        }
                    })
                });
                join_all(work).await;
                Ok::<_, BudgetExceeded>(())
            }
        })
        .prices(prices())
        .budget(&shared)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let runs = join_all((0..16).map(|seed| tokio::spawn(pipeline.run(seed)))).await;
    assert!(
        runs.into_iter().all(|run| run.unwrap().is_ok()),
        "a refusal that is handled stops nothing"
    );
    let most = most_taken.load(Ordering::SeqCst);
    assert!(most > LIMIT / 2 && most <= LIMIT, "{most}");
    assert_eq!(shared.spent().tokens, taken.load(Ordering::SeqCst));
    assert_eq!((shared.reserved().tokens, shared.reserved().calls), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn runs_at_once_overshoot_by_at_most_what_they_did_not_reserve() {
    const RUNS: u64 = 64;
    let shared = SharedBudget::new(Budget::new().calls(100));
    let begun = Arc::new(tokio::sync::Barrier::new(usize::try_from(RUNS).unwrap()));
    let at_start = Arc::clone(&begun);
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, (): ()| {
            let begun = Arc::clone(&at_start);
            async move {
                begun.wait().await;
                loop {
                    ctx.api_call("x").record();
                    tokio::task::yield_now().await;
                }
                #[expect(unreachable_code, reason = "says what the loop never gives")]
                Ok::<(), BudgetExceeded>(())
            }
        })
        .budget(&shared)
        .enable_telemetry(false)
        .build()
        .unwrap();
    let runs = join_all((0..RUNS).map(|_| tokio::spawn(pipeline.run(())))).await;
    for run in runs {
        assert_eq!(run.unwrap().unwrap_err().kind(), RunErrorKind::BudgetExceeded);
    }
    // The first too many, and one for each other run that had not waited yet.
    let spent = shared.spent().calls;
    assert!(spent > 100 && spent <= 100 + RUNS, "{spent}");
}

//! Calls, tokens and dollars.

use std::io;

use ia_pipeline::{Pipeline, Price, PriceBook, StepContext, Usage, Usd, usd};

use crate::probe::Probe;

fn pipeline<F, Fut>(probe: &Probe, step: F) -> Pipeline<(), ()>
where
    F: Fn(StepContext, ()) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), io::Error>> + Send + 'static,
{
    let prices = PriceBook::new("test")
        .with("m", Price::per_million(usd("1"), usd("3")).cached_per_million(usd("0.1")));
    Pipeline::builder("p")
        .step("s", step)
        .prices(prices)
        .telemetry(probe.instruments())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_call_is_counted_and_priced_by_its_tokens() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        let cost = ctx.api_call("openai").model("m").tokens(1_000, 100).cached(500).record();
        assert_eq!(cost, usd("0.00085")); // 500 × 1 + 500 × 0.1 + 100 × 3 millionths
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    assert_eq!(
        (run.cost, run.api_calls, run.tokens),
        (usd("0.00085"), 1, Usage::tokens(1_000, 100).cached(500))
    );
    assert_eq!(run.steps[0].cost, run.cost);
    assert_eq!(probe.value("pipeline_cost_usd_total", &[]), 0.000_85);
    assert_eq!(probe.value("api_calls_total", &[]), 1.0);
    for (kind, tokens) in [("input", 1_000.0), ("output", 100.0), ("cached_input", 500.0)] {
        assert_eq!(
            probe.value("api_tokens_total", &[("model", "m"), ("kind", kind)]),
            tokens,
            "{kind}"
        );
    }
    assert_eq!(probe.value("unpriced_api_calls_total", &[]), 0.0);
}

#[tokio::test]
async fn an_unknown_price_is_not_zero_it_is_unpriced() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        ctx.api_call("openai").model("who knows").tokens(1_000, 100).record();
        ctx.api_call("maps").record();
        ctx.api_call("maps").cost(usd("0.002")).record();
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    assert_eq!((run.cost, run.api_calls), (usd("0.002"), 3));
    assert_eq!(probe.value("unpriced_api_calls_total", &[]), 2.0);
}

#[tokio::test]
async fn a_timed_call_is_a_span_with_its_tokens() {
    let probe = Probe::new();
    pipeline(&probe, |ctx: StepContext, ()| async move {
        let call = ctx.api_call("openai").model("m").start();
        tokio::task::yield_now().await;
        assert_eq!(call.finish(Usage::tokens(1_000_000, 0)), usd("1"));
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    assert_eq!(probe.spans().tree(), "p > s (openai m)");
    let span = probe.span("openai m");
    assert_eq!(span.attribute("gen_ai.usage.input_tokens").unwrap().as_i64(), Some(1_000_000));
    assert!(span.status().is_ok());
}

#[tokio::test]
async fn a_timed_call_that_is_dropped_counts_as_a_failed_call() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        let _call = ctx.api_call("openai").model("m").start();
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    })
    .run(());
    assert!(run.await.is_err());
    assert_eq!(
        (probe.value("api_calls_total", &[]), probe.value("unpriced_api_calls_total", &[])),
        (1.0, 0.0)
    );
    assert_eq!(probe.span("openai m").status().to_string(), "error: failed");
}

#[tokio::test]
async fn a_timed_call_of_a_dropped_run_is_cancelled_not_failed() {
    let probe = Probe::new();
    let pipeline = pipeline(&probe, |ctx: StepContext, ()| async move {
        let _call = ctx.api_call("openai").model("m").start();
        std::future::pending().await
    });
    let mut running = Box::pin(pipeline.run(()));
    assert!(futures_util::poll!(&mut running).is_pending());
    drop(running);
    assert_eq!(probe.span("openai m").status().to_string(), "error: cancelled");
}

#[tokio::test]
async fn sums_of_money_are_exact() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        for _ in 0..10 {
            ctx.cost(usd("0.1"));
        }
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    assert_eq!(run.cost, usd("1"));
    assert_eq!(probe.value("pipeline_cost_usd_total", &[]), 1.0);
}

#[tokio::test]
async fn a_negative_cost_is_refused_and_noted() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        ctx.cost(usd("-1"));
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    assert_eq!(run.cost, Usd::ZERO);
    assert_eq!(probe.span("s").events()[0].name(), "negative_cost_refused");
}

#[tokio::test]
async fn a_call_that_is_said_to_cost_less_than_nothing_has_no_known_cost() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        ctx.api_call("maps").cost(usd("-1")).record();
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    assert_eq!((run.cost, run.api_calls), (Usd::ZERO, 1));
    assert_eq!(probe.value("unpriced_api_calls_total", &[]), 1.0);
    assert_eq!(probe.span("s").events()[0].name(), "negative_cost_refused");
}

#[tokio::test]
async fn parts_of_a_usage_are_counted_beside_what_includes_them() {
    let probe = Probe::new();
    let run = pipeline(&probe, |ctx: StepContext, ()| async move {
        // The parts may be said first.
        let call = ctx.api_call("openai").model("m").cached(200).cache_written(100).reasoning(40);
        call.tokens(1_000, 50).record();
        ctx.api_call("openai").model("m").tokens(10, 5).cached(99).reasoning(99).record();
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    let tokens = Usage::tokens(1_010, 55).cached(210).cache_written(100).reasoning(45);
    assert_eq!((run.tokens, run.steps[0].tokens), (tokens, tokens));
    for (kind, tokens) in [
        ("input", 1_010.0),
        ("output", 55.0),
        ("cached_input", 210.0),
        ("cache_write", 100.0),
        ("reasoning", 45.0),
    ] {
        let labels = [("model", "m"), ("kind", kind)];
        assert_eq!(probe.value("api_tokens_total", &labels), tokens, "{kind}");
    }
}

#[tokio::test]
async fn a_cost_on_a_span_says_where_its_price_is_from() {
    let probe = Probe::new();
    pipeline(&probe, |ctx: StepContext, ()| async move {
        let usage = Usage::tokens(1_000_000, 10).cache_written(5).reasoning(4);
        ctx.api_call("book").model("m").start().finish(usage);
        ctx.api_call("given").cost(usd("0.5")).start().finish(Usage::NONE);
        ctx.api_call("unknown").start().finish(Usage::NONE);
        ctx.api_call("recorded").model("m").tokens(1_000_000, 0).record();
        ctx.api_call("unpriced").record();
        Ok(())
    })
    .run(())
    .await
    .unwrap();
    let attribute =
        |span: &str, key: &str| probe.span(span).attribute(key).map(ToString::to_string);
    assert_eq!(attribute("book m", "price_source").as_deref(), Some("test"));
    assert_eq!(attribute("book m", "cost_usd").as_deref(), Some("1.00003"));
    assert_eq!(
        attribute("book m", "gen_ai.usage.cache_creation.input_tokens").as_deref(),
        Some("5")
    );
    assert_eq!(attribute("book m", "gen_ai.usage.reasoning.output_tokens").as_deref(), Some("4"));
    assert_eq!(attribute("given", "price_source").as_deref(), Some("given"));
    // An unknown cost is not written as 0.
    assert_eq!(
        (attribute("unknown", "cost_usd"), attribute("unknown", "price_source")),
        (None, None)
    );
    let step = probe.span("s");
    let [recorded, unpriced] = step.events() else { panic!("{:?}", step.events()) };
    assert_eq!(recorded.attribute("price_source").unwrap().as_str(), Some("test"));
    assert_eq!(recorded.attribute("cost_usd").unwrap().as_f64(), Some(1.0));
    assert!(
        unpriced.attribute("cost_usd").is_none() && unpriced.attribute("price_source").is_none()
    );
}

#[test]
fn a_negative_price_counts_as_zero() {
    let price = Price::per_million(usd("-1"), usd("2"));
    assert_eq!(price.of(Usage::tokens(1_000_000, 1_000_000)), usd("2"));
}

#[test]
fn amounts_stop_at_the_ends_of_the_range() {
    let (most, least) = (Usd::from_nanos(i64::MAX), Usd::from_nanos(i64::MIN));
    assert_eq!((most + usd("1"), least - usd("1")), (most, least));
    assert_eq!([most, most, usd("-1")].into_iter().sum::<Usd>(), most - usd("1"));
}

#[test]
fn texts_that_are_no_amount_are_refused_with_a_remedy() {
    for text in [
        "",
        "-",
        "5.",
        ".5",
        "1e3",
        "five",
        "1,000",
        "0.0000000001",
        "10000000000",
        "1.2.3",
        " 1",
        "+1",
    ] {
        let error = text.parse::<Usd>().unwrap_err();
        assert!(error.to_string().contains("write it like `5.00`"), "{error}");
    }
    for (text, shown) in
        [("5", "$5.00"), ("-0.5", "-$0.50"), ("0.000000001", "$0.000000001"), ("0", "$0.00")]
    {
        assert_eq!(text.parse::<Usd>().unwrap().to_string(), shown);
    }
}

#[test]
fn a_price_is_rounded_once_and_cannot_overflow() {
    let price = Price::per_token_pico(20_400, 0);
    assert_eq!(price.of(Usage::tokens(1, 0)), Usd::from_nanos(20));
    assert_eq!(price.of(Usage::tokens(10, 0)), Usd::from_nanos(204));
    assert_eq!(
        Price::per_token_pico(u64::MAX, 0).of(Usage::tokens(u64::MAX, 0)),
        Usd::from_nanos(i64::MAX)
    );
}

#[test]
fn the_sample_prices_the_models_it_names_and_says_where_they_are_from() {
    let book = PriceBook::sample();
    let embedding = book.get("text-embedding-3-small").unwrap();
    assert_eq!(embedding.of(Usage::tokens(1_000_000, 0)), usd("0.02"));
    assert!(book.source().contains("2026"), "{}", book.source());
}

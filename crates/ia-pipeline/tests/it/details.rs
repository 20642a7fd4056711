//! What spans, reports and labels say in detail.

use std::io;

use ia_pipeline::{
    Backoff, BuildError, Flow, Inputs, Pipeline, Policy, Price, PriceBook, RunErrorKind,
    StepContext, StepStatus, Usage, usd,
};
use ia_tracing::SpanData;

use crate::probe::{Probe, fail, never, same};

fn text(span: &SpanData, key: &str) -> Option<String> {
    span.attribute(key).map(ToString::to_string)
}

async fn works(ctx: StepContext, n: u32) -> Result<u32, io::Error> {
    ctx.items(3);
    ctx.api_call("maps").cost(usd("0.25")).tokens(7, 2).record();
    Ok(n)
}

#[tokio::test]
async fn the_span_of_a_run_says_how_it_ended_and_what_it_used() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", works).telemetry(probe.instruments());
    let run = steps.build().unwrap().run(1).await.unwrap();
    let span = probe.span("p");
    let expected = [
        ("pipeline.name", "p".to_owned()),
        ("pipeline.run_id", run.id.to_string()),
        ("pipeline.status", "success".to_owned()),
        ("pipeline.items", "3".to_owned()),
        ("pipeline.api_calls", "1".to_owned()),
        ("pipeline.cost_usd", "0.25".to_owned()),
    ];
    for (key, value) in expected {
        assert_eq!(text(&span, key), Some(value), "{key}");
    }
    assert_eq!(text(&span, "error.type"), None);
}

#[tokio::test]
async fn the_spans_of_a_run_a_step_and_an_attempt_that_fail_say_with_what() {
    let probe = Probe::new();
    let policy = Policy::retry(1).backoff(Backoff::NONE);
    let steps = Pipeline::builder("p").step("s", fail).policy(policy);
    assert!(steps.telemetry(probe.instruments()).build().unwrap().run(1).await.is_err());
    for name in ["p", "s", "attempt"] {
        assert_eq!(text(&probe.span(name), "error.type").as_deref(), Some("NotFound"), "{name}");
    }
    assert_eq!(text(&probe.span("p"), "pipeline.status").as_deref(), Some("error"));
    assert_eq!(text(&probe.span("s"), "step.status").as_deref(), Some("error"));
}

#[tokio::test]
async fn a_step_that_is_cancelled_is_reported_without_an_error() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", never).telemetry(probe.instruments());
    let mut running = Box::pin(steps.build().unwrap().run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    running.canceller().cancel();
    let error = running.await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (RunErrorKind::Cancelled, "cancelled"));
    let report = &error.steps()[0];
    assert_eq!((report.status, report.error_type.as_deref()), (StepStatus::Cancelled, None));
    assert_eq!(text(&probe.span("s"), "error.type").as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn where_a_fallback_fails_too_the_source_is_what_the_step_failed_with() {
    async fn fails_otherwise(_: StepContext, _: u32) -> Result<u32, io::Error> {
        Err(io::Error::from(io::ErrorKind::TimedOut))
    }
    let steps = Pipeline::builder("p").step("s", fail).fallback(fails_otherwise);
    let error = steps.enable_telemetry(false).build().unwrap().run(1).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_report_says_what_each_step_used() {
    let steps = Pipeline::builder("p").step("a", works).step("b", same).step("c", works);
    let run = steps.enable_telemetry(false).build().unwrap().run(1).await.unwrap();
    for (report, times) in run.steps.iter().zip([1, 0, 1]) {
        assert_eq!((report.items, report.api_calls), (3 * times, times), "{report}");
        assert_eq!(report.tokens, Usage::tokens(7 * times, 2 * times), "{report}");
    }
    assert_eq!((run.steps[0].cost, run.steps[1].cost), (usd("0.25"), usd("0")));
    assert_eq!((run.tokens, run.cost), (Usage::tokens(14, 4), usd("0.5")));
}

#[tokio::test]
async fn a_timed_call_is_counted_once_and_may_have_a_cost_of_its_own() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", |ctx: StepContext, n: u32| async move {
        let call = ctx.api_call("openai").model("m").cost(usd("0.5")).start();
        assert_eq!(call.finish(Usage::tokens(10, 1).cached(4)), usd("0.5"));
        Ok::<_, io::Error>(n)
    });
    let prices = PriceBook::new("test").with("m", Price::per_million(usd("1"), usd("1")));
    let steps = steps.prices(prices).telemetry(probe.instruments());
    let run = steps.build().unwrap().run(1).await.unwrap();
    assert_eq!((run.api_calls, run.cost), (1, usd("0.5")));
    assert_eq!(probe.value("api_calls_total", &[]), 1.0);
    let span = probe.span("openai m");
    let attributes = [
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "m"),
        ("gen_ai.usage.input_tokens", "10"),
        ("gen_ai.usage.output_tokens", "1"),
        ("gen_ai.usage.cache_read.input_tokens", "4"),
        ("cost_usd", "0.5"),
    ];
    for (key, value) in attributes {
        assert_eq!(text(&span, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(text(&span, "estimated"), None);
}

#[tokio::test]
async fn a_recorded_call_is_an_event_and_an_estimate_is_marked() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", |ctx: StepContext, n: u32| async move {
        ctx.api_call("maps").tokens(5, 0).estimated().record();
        ctx.api_call("guess").estimated().start().finish(Usage::NONE);
        Ok::<_, io::Error>(n)
    });
    steps.telemetry(probe.instruments()).build().unwrap().run(1).await.unwrap();
    let span = probe.span("s");
    let event = span.events().iter().find(|event| event.name() == "api_call").unwrap();
    let value = |key| event.attribute(key).map(ToString::to_string);
    assert_eq!(value("gen_ai.provider.name").as_deref(), Some("maps"));
    assert_eq!(value("gen_ai.usage.input_tokens").as_deref(), Some("5"));
    assert_eq!(value("estimated").as_deref(), Some("true"));
    assert_eq!(text(&probe.span("guess"), "estimated").as_deref(), Some("true"));
}

#[tokio::test]
async fn tokens_of_no_model_are_of_an_unknown_one_and_no_tokens_are_no_series() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", works).telemetry(probe.instruments());
    steps.build().unwrap().run(1).await.unwrap();
    let snapshot = probe.registry.snapshot();
    assert_eq!(snapshot.sum("api_tokens_total", [("model", "unknown")]), 9.0);
    assert_eq!(snapshot.family("api_tokens_total").unwrap().series().len(), 2);
}

#[tokio::test]
async fn an_output_of_a_round_that_is_over_is_not_the_output_of_the_run() {
    // In the first round `early` ends the run's flow; in the second nobody comes to it.
    let steps = Pipeline::builder("p")
        .step("a", same)
        .step("back", |_: StepContext, n: u32| async move { Ok::<_, io::Error>(n + 1) })
        .step("early", |_: StepContext, n: u32| async move { Ok::<_, io::Error>(n + 100) })
        .flow(Flow::start("a").edge("a", "back").when("a", |n: &u32| *n == 0, "early").repeat(
            "back",
            |n: &u32| *n == 1,
            "a",
            1,
        ));
    let run = steps.enable_telemetry(false).build().unwrap().run(0).await.unwrap();
    assert_eq!(run.output, 2);
}

#[test]
fn a_step_that_is_skipped_with_what_it_follows_is_nothing_to_continue_to() {
    async fn maybe(_: StepContext, n: Option<u32>) -> Result<u32, io::Error> {
        Ok(n.unwrap_or(9))
    }
    async fn all(_: StepContext, inputs: Inputs) -> Result<u32, io::Error> {
        Ok(inputs.get("needs").unwrap_or(9))
    }
    let steps = || {
        Pipeline::builder("p")
            .step("s", fail)
            .policy(Policy::new().continue_on_error())
            .step("needs", same)
            .enable_telemetry(false)
    };
    let nothing = [BuildError::NothingToContinueTo { step: "s".into() }];
    assert_eq!(steps().step("last", maybe).build().unwrap_err().errors(), nothing);
    assert_eq!(steps().join("last", all).build().unwrap_err().errors(), nothing);
}

#[test]
fn a_join_with_more_predecessors_than_values() {
    async fn sum(_: StepContext, (a, b): (u32, u32)) -> Result<u32, io::Error> {
        Ok(a + b)
    }
    let steps = Pipeline::builder("p").step("a", same).step("b", same).step("c", same);
    let flow = Flow::start("a").fan_out("a", ["b", "c"]).join(["a", "b", "c"], "sum");
    let errors = steps.join("sum", sum).flow(flow).build().unwrap_err();
    let predecessors = vec!["a".into(), "b".into(), "c".into()];
    assert_eq!(
        errors.errors(),
        [BuildError::JoinArity { step: "sum".into(), takes: 2, predecessors }]
    );
}

#[test]
fn many_branches_that_meet_again_and_again_are_checked_once() {
    // There are 2⁴⁰ ways through.
    async fn sum(_: StepContext, (a, b): (u32, u32)) -> Result<u32, io::Error> {
        Ok(a.wrapping_add(b))
    }
    async fn of_all(_: StepContext, inputs: Inputs) -> Result<u32, io::Error> {
        Ok(inputs.names().filter_map(|name| inputs.get::<u32>(name)).fold(0, u32::wrapping_add))
    }
    let first = Pipeline::builder("p").step("s0", same).step("a0", same).step("b0", same);
    let begin = (first.join("m0", of_all), Flow::start("s0").fan_out("s0", ["a0", "b0"]));
    let (steps, flow) = (1..40).fold(begin, |(steps, flow), n| {
        let [a, b, m] = ["a", "b", "m"].map(|name| format!("{name}{n}"));
        let [last_a, last_b, last] = ["a", "b", "m"].map(|name| format!("{name}{}", n - 1));
        let flow = flow.join([last_a, last_b], last.clone()).fan_out(last, [&a, &b]);
        (steps.join(&a, of_all).join(&b, of_all).join(&m, of_all), flow)
    });
    let flow = flow.join(["a39", "b39"], "m39");
    let steps = steps.join("last", sum).flow(flow.join(["a39", "m39"], "last"));
    assert!(steps.enable_telemetry(false).build().is_ok());
}

//! Streams that cannot be built, and what they say.

use ia_pipeline::{
    BuildError, BuildErrors, Data, Flow, Pipeline, Policy, StepContext, StepError, Stream,
    StreamBuildError,
};

use crate::probe::same;
use crate::streams::{count, doubled, sum};

/// The only mistake of what is built, which has to do with a stream, and its words.
fn only<I, O: Data>(result: Result<Pipeline<I, O>, BuildErrors>) -> (StreamBuildError, String) {
    let errors = result.unwrap_err();
    match errors.errors() {
        [error @ BuildError::Stream(stream)] => (stream.clone(), error.to_string()),
        _ => panic!("{errors}"),
    }
}

async fn pass_on(_: StepContext, items: Stream<u32>) -> Result<Stream<u32>, StepError> {
    Ok(items)
}

#[test]
fn a_stream_that_nobody_takes() {
    let (error, words) = only(Pipeline::builder("p").stream("count", count).build());
    assert_eq!(error, StreamBuildError::Takers { step: "count".into(), takers: vec![] });
    assert!(words.contains("add a step after it"), "{words}");
}

#[test]
fn a_stream_that_several_steps_take() {
    let steps = Pipeline::builder("p").stream("count", count).step("a", sum).step("b", sum);
    let (error, words) =
        only(steps.flow(Flow::start("count").fan_out("count", ["a", "b"])).build());
    let takers = vec!["a".into(), "b".into()];
    assert_eq!(error, StreamBuildError::Takers { step: "count".into(), takers });
    assert!(words.contains("[a, b]"), "{words}");
}

#[test]
fn a_stream_that_leads_to_an_end() {
    let steps = Pipeline::builder("p").stream("count", count).step("a", sum);
    let flow = Flow::start("count").then("a").edge("count", Flow::FAILURE);
    let (error, _) = only(steps.flow(flow).build());
    let takers = vec!["a".into(), "end_with_failure".into()];
    assert_eq!(error, StreamBuildError::Takers { step: "count".into(), takers });
}

#[test]
fn a_condition_about_a_stream() {
    let steps = Pipeline::builder("p").stream("count", count).step("a", sum);
    let flow = Flow::start("count").when("count", |_: &Stream<u32>| true, "a");
    let (error, words) = only(steps.flow(flow).build());
    assert_eq!(error, StreamBuildError::Condition { step: "count".into() });
    assert!(words.contains("ask after the step that takes it"), "{words}");
}

#[test]
fn a_stream_that_is_passed_on_as_a_whole() {
    let steps = Pipeline::builder("p").stream("count", count).step("pass", pass_on);
    let (error, _) = only(steps.step("sum", sum).build());
    assert_eq!(error, StreamBuildError::PassedOn { step: "pass".into() });
}

#[test]
fn a_policy_that_would_begin_anew() {
    let unfit = |errors: Result<Pipeline<u32, u32>, BuildErrors>| {
        let StreamBuildError::Policy { step, policy } = only(errors).0 else { panic!() };
        (step, policy)
    };
    let steps = || Pipeline::builder("p").stream("s", count);
    let retried = steps().policy(Policy::retry(1)).step("t", sum).build();
    assert_eq!(unfit(retried), ("s".into(), "retries"));
    let lenient = steps().policy(Policy::new().continue_on_error()).step("t", sum).build();
    assert_eq!(unfit(lenient), ("s".into(), "`continue_on_error`"));
    let retried = steps().step("t", sum).policy(Policy::retry(1)).build();
    assert_eq!(unfit(retried), ("t".into(), "retries"));
    let replaced = steps().step("t", sum).fallback(sum).build();
    assert_eq!(unfit(replaced), ("t".into(), "a fallback"));
    let both = steps().stream("m", doubled).policy(Policy::retry(1)).step("t", sum).build();
    assert_eq!(unfit(both), ("m".into(), "retries"));
}

#[test]
fn a_policy_that_limits_time_is_fine() {
    let limit = std::time::Duration::from_secs(1);
    let policy = Policy::new().timeout(limit).total_timeout(limit);
    let steps = Pipeline::builder("p").stream("s", count).policy(policy).step("t", sum);
    assert!(steps.build().is_ok());
}

#[test]
fn a_loop_that_starts_over_who_takes_but_not_who_yields() {
    async fn merge(_: StepContext, (_, n): (Stream<u32>, u32)) -> Result<u32, StepError> {
        Ok(n)
    }
    let steps = Pipeline::builder("p")
        .step("start", same)
        .stream("count", count)
        .step("n", same)
        .join("merge", merge);
    let flow = Flow::start("start")
        .fan_out("start", ["count", "n"])
        .join(["count", "n"], "merge")
        .repeat("merge", |_: &u32| false, "n", 1);
    let (error, words) = only(steps.flow(flow).build());
    let (from, yields, takes) = ("merge".into(), "count".into(), "merge".into());
    assert_eq!(error, StreamBuildError::Loop { from, yields, takes });
    assert!(words.contains("lead it back to `count` or before"), "{words}");
}

#[test]
fn a_capacity_of_nothing() {
    let steps = Pipeline::builder("p").stream("count", count).capacity(0).step("sum", sum);
    let errors = steps.build().unwrap_err();
    assert_eq!(errors.errors(), [BuildError::ZeroLimit { limit: "the capacity of a stream" }]);
}

#[test]
fn a_step_that_takes_the_items_at_once() {
    async fn all(_: StepContext, _: Vec<u32>) -> Result<u32, StepError> {
        Ok(0)
    }
    let errors =
        Pipeline::builder("p").stream("count", count).step("all", all).build().unwrap_err();
    assert!(matches!(errors.errors(), [BuildError::TypeMismatch { .. }]), "{errors}");
}

#[test]
fn a_limit_of_its_own_for_a_step_that_a_stream_connects() {
    let steps = Pipeline::builder("p").stream("count", count).step("a", sum);
    let (error, words) = only(steps.policy(Policy::new().max_concurrency(1)).build());
    assert_eq!(error, StreamBuildError::Concurrency { step: "a".into() });
    assert!(words.contains("max_concurrent_runs"), "{words}");
}

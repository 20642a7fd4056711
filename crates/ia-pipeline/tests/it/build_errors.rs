//! Pipelines that cannot be built, and what they say.

use std::io;

use ia_pipeline::{BuildError, Flow, Pipeline, Policy, Service, Services, StepContext, Steps};

use crate::probe::{double, same};

async fn text(_: StepContext, _: String) -> Result<String, io::Error> {
    Ok(String::new())
}

async fn sum(_: StepContext, (a, b): (u32, u32)) -> Result<u32, io::Error> {
    Ok(a + b)
}

/// The only mistake of what is built.
fn only<I, O>(result: Result<Pipeline<I, O>, ia_pipeline::BuildErrors>) -> BuildError {
    let errors = result.unwrap_err();
    assert_eq!(errors.errors().len(), 1, "{errors}");
    errors.errors()[0].clone()
}

#[test]
fn a_pipeline_without_steps() {
    let error = only(Pipeline::builder("p").build());
    assert_eq!(error, BuildError::EmptyPipeline);
    assert!(error.to_string().contains(".step("), "{error}");
}

#[test]
fn a_pipeline_or_a_step_without_a_name() {
    assert_eq!(
        only(Pipeline::builder("").step("a", same).build()),
        BuildError::EmptyName { of: "pipeline" }
    );
    assert_eq!(
        only(Pipeline::builder("p").step("", same).build()),
        BuildError::EmptyName { of: "step" }
    );
}

#[test]
fn two_steps_of_one_name() {
    let error =
        only(Pipeline::builder("p").step("a", same).step("a", same).step("a", same).build());
    assert_eq!(error, BuildError::DuplicateStep { step: "a".into() });
}

#[test]
fn a_step_named_like_an_end() {
    let error = only(Pipeline::builder("p").step("end_with_success", same).build());
    assert_eq!(error, BuildError::ReservedName { step: "end_with_success".into() });
}

#[test]
fn an_unknown_step_with_the_one_that_was_meant() {
    let steps = || Pipeline::builder("p").step("load", same).step("score", same);
    let error = only(steps().flow(Flow::start("load").then("scoer")).build());
    assert_eq!(
        error,
        BuildError::UnknownStep { step: "scoer".into(), meant: Some("score".into()) }
    );
    assert!(error.to_string().ends_with("did you mean `score`?"), "{error}");
    let error = only(steps().flow(Flow::start("zzz").edge("load", "score")).build());
    assert_eq!(error, BuildError::UnknownStep { step: "zzz".into(), meant: None });
}

#[test]
fn a_step_that_the_flow_never_comes_to() {
    let steps = Pipeline::builder("p").step("a", same).step("b", same).step("c", same);
    assert_eq!(
        only(steps.flow(Flow::start("a").then("c")).build()),
        BuildError::Unreachable { step: "b".into() }
    );
}

#[test]
fn a_cycle_without_a_limit_with_its_path() {
    let steps = Pipeline::builder("p").step("a", same).step("b", same).step("c", same);
    let flow = Flow::start("a").then("b").then("c").when("c", |n: &u32| *n > 1, "b");
    let error = only(steps.flow(flow).build());
    assert_eq!(
        error,
        BuildError::CycleWithoutLimit { path: vec!["b".into(), "c".into(), "b".into()] }
    );
    assert!(error.to_string().contains(".repeat("), "{error}");
}

#[test]
fn a_step_that_leads_to_itself_without_a_limit() {
    let error =
        only(Pipeline::builder("p").step("a", same).flow(Flow::start("a").edge("a", "a")).build());
    assert_eq!(error, BuildError::CycleWithoutLimit { path: vec!["a".into(), "a".into()] });
}

#[test]
fn a_repeat_that_is_no_loop_or_has_no_rounds() {
    let steps = || Pipeline::builder("p").step("a", same).step("b", same);
    let flow = |to, limit| Flow::start("a").then("b").repeat("b", |_: &u32| true, to, limit);
    assert_eq!(
        only(steps().flow(flow("a", 0)).build()),
        BuildError::ZeroLimit { limit: "the limit of a `.repeat`" }
    );
    let flow = Flow::start("a").then("b").repeat("a", |_: &u32| true, "b", 1);
    assert!(steps().flow(flow).build().is_err());
    let flow = Flow::start("a").then("b").repeat("b", |_: &u32| true, Flow::END, 1);
    assert_eq!(
        only(steps().flow(flow).build()),
        BuildError::NotALoop { from: "b".into(), to: "end".into() }
    );
}

#[test]
fn an_arrow_drawn_twice() {
    let steps = Pipeline::builder("p").step("a", same).step("b", same);
    let error = only(steps.flow(Flow::start("a").then("b").edge("a", "b")).build());
    assert_eq!(error, BuildError::DuplicateEdge { from: "a".into(), to: "b".into() });
}

#[test]
fn a_step_that_takes_something_else_than_it_is_given() {
    let error = only(Pipeline::builder("p").step("a", same).step("b", text).build());
    let BuildError::TypeMismatch { from: Some(from), gives, to, takes } = error else {
        panic!("{error}")
    };
    assert_eq!(
        (from.as_str(), gives, to.as_str(), takes),
        ("a", "u32", "b", "alloc::string::String")
    );
}

#[test]
fn a_flow_that_begins_with_another_step_than_the_first() {
    let steps = Pipeline::builder("p").step("a", text).step("b", same).output::<String>();
    let errors = steps.flow(Flow::start("b").then("a")).build().unwrap_err();
    let begins = errors
        .errors()
        .iter()
        .any(|error| matches!(error, BuildError::TypeMismatch { from: None, .. }));
    assert!(begins, "{errors}");
}

#[test]
fn a_condition_about_another_type() {
    let steps = Pipeline::builder("p").step("a", same).step("b", same);
    let error = only(steps.flow(Flow::start("a").when("a", String::is_empty, "b")).build());
    assert!(matches!(error, BuildError::ConditionType { gives: "u32", .. }), "{error}");
}

#[test]
fn a_plain_step_that_is_always_given_several_values() {
    let steps =
        Pipeline::builder("p").step("a", same).step("b", same).step("c", same).step("d", same);
    let error =
        only(steps.flow(Flow::start("a").fan_out("a", ["b", "c"]).join(["b", "c"], "d")).build());
    assert_eq!(
        error,
        BuildError::NeedsJoin { step: "d".into(), predecessors: vec!["b".into(), "c".into()] }
    );
}

#[test]
fn a_join_with_another_number_of_predecessors() {
    let steps = Pipeline::builder("p").step("a", same).step("b", same).join("c", sum);
    let error = only(steps.build());
    assert_eq!(
        error,
        BuildError::JoinArity { step: "c".into(), takes: 2, predecessors: vec!["b".into()] }
    );
}

#[test]
fn a_loop_into_a_join() {
    let steps = Pipeline::builder("p").step("a", same).step("b", same).join("c", sum);
    let flow = Flow::start("a").then("b").join(["a", "b"], "c").repeat("c", |_: &u32| true, "c", 1);
    assert!(matches!(only(steps.flow(flow).build()), BuildError::TypeMismatch { .. }));
}

#[test]
fn a_missing_service() {
    async fn asks(
        _: StepContext,
        n: u32,
        _: Service<String>,
        _: Service<u8>,
    ) -> Result<u32, io::Error> {
        Ok(n)
    }
    let steps = Pipeline::builder("p").step("a", asks).services(Services::new().insert(1_u8));
    let error = only(steps.build());
    let expected = BuildError::MissingService {
        step: "a".into(),
        service: "alloc::string::String",
        given: vec!["u8"],
    };
    assert_eq!(error, expected);
}

#[test]
fn an_output_that_nothing_gives() {
    let error = only(Pipeline::builder("p").step("a", same).output::<String>().build());
    assert!(error.to_string().contains("the flow ends at [a: u32]"), "{error}");
}

#[test]
fn a_failure_that_leaves_nothing_to_continue_to() {
    let carry_on = || Policy::new().continue_on_error();
    let steps = Pipeline::builder("p").step("a", same).policy(carry_on()).step("b", same);
    assert_eq!(only(steps.build()), BuildError::NothingToContinueTo { step: "a".into() });
    let last = Pipeline::builder("p").step("a", same).policy(carry_on());
    assert_eq!(only(last.build()), BuildError::NothingToContinueTo { step: "a".into() });
}

#[test]
fn limits_of_zero() {
    let errors = Pipeline::builder("p")
        .step("a", same)
        .max_concurrency(0)
        .max_concurrent_runs(0)
        .build()
        .unwrap_err();
    assert_eq!(errors.errors().len(), 2, "{errors}");
}

#[test]
fn all_mistakes_at_once() {
    async fn asks(_: StepContext, n: u32, _: Service<u8>) -> Result<u32, io::Error> {
        Ok(n)
    }
    let steps = Pipeline::builder("p").step("a", same).step("a", double).step("end", asks);
    let errors = steps.flow(Flow::start("b").then("aa")).build().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "pipeline `p` has 5 mistakes:\n\
         - two steps are called `a`; rename one\n\
         - `end` means an end of the flow and cannot be the name of a step; choose another\n\
         - step `end` needs a service of type `u8`, but the services are []; add it by `.services(Services::new().insert(…))`\n\
         - the flow names a step `b` that there is not; add it by `.step(…)`\n\
         - the flow names a step `aa` that there is not; did you mean `a`?"
    );
}

#[tokio::test]
async fn a_pipeline_can_be_made_in_one_call() {
    let steps = Steps::new().step("a", double).step("b", double);
    let pipeline =
        Pipeline::new("one_call", steps, Flow::start("a").then("b"), Services::new()).unwrap();
    assert_eq!(pipeline.run(1).await.unwrap().output, 4);
    let steps = Steps::new().step("a", double).step("b", double);
    assert!(Pipeline::new("one_call", steps, Flow::start("a"), Services::new()).is_err());
}

#[test]
fn a_main_that_returns_the_mistakes_prints_what_to_do() {
    let errors = Pipeline::builder("p").build().unwrap_err();
    assert_eq!(format!("{errors:?}"), errors.to_string());
}

#[test]
fn a_name_from_outside_begins_no_line_of_its_own() {
    let steps = Pipeline::builder("p").step("a", same).step("b\nc", same);
    let error = only(steps.flow(Flow::start("a")).build());
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
}

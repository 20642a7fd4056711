//! What flows between the steps of a flow file, and what is said where it does not fit.

use std::io;
use std::time::Duration;

use ia_metrics_core::Registry;
use ia_pipeline::{
    CheckpointStore, FlowFile, MemoryStore, Pipeline, RunErrorKind, StepContext, StepRegistry,
};
use ia_tracing::{ManualClock, Tracer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::probe::Probe;

/// A flow of these steps, each of the type that its id says, along these paths.
fn flow(steps: &[&str], paths: &Value) -> FlowFile {
    let ids: Vec<Value> = steps.iter().map(|id| json!({"id": id})).collect();
    let file = json!({"name": "p", "steps": ids, "flow": {"start_at": steps[0], "paths": paths}});
    FlowFile::from_json(&file.to_string()).unwrap()
}

fn chain(steps: &[&str]) -> FlowFile {
    let paths = steps.windows(2).map(|pair| json!({"from": pair[0], "to": pair[1]}));
    flow(steps, &paths.collect())
}

/// A step that always gives the same.
fn gives(
    value: Value,
) -> impl Fn(StepContext, Value) -> std::future::Ready<Result<Value, io::Error>> + Send + Sync + 'static
{
    move |_, _| std::future::ready(Ok(value.clone()))
}

async fn same(_: StepContext, value: Value) -> Result<Value, io::Error> {
    Ok(value)
}

async fn run(file: &FlowFile, steps: &StepRegistry, input: Value) -> Value {
    file.build(steps).unwrap().run(input).await.unwrap().output
}

#[tokio::test]
async fn a_step_without_inputs_is_given_everything_merged_and_under_the_names_of_the_steps() {
    let steps = StepRegistry::new()
        .register("a", gives(json!({"x": 1, "y": 1})))
        .register("b", gives(json!({"y": 2})))
        .register("n", gives(json!(7)))
        .register("end_of_it", same);
    let output = run(&chain(&["a", "b", "n", "end_of_it"]), &steps, json!({"x": 0, "z": 0})).await;
    let expected = json!({"x": 1, "y": 2, "z": 0, "a": {"x": 1, "y": 1}, "b": {"y": 2}, "n": 7});
    assert_eq!(output, expected);
}

#[tokio::test]
async fn the_first_step_is_given_the_input_as_it_is_and_the_input_stays_what_it_was() {
    async fn length(_: StepContext, text: String) -> Result<usize, io::Error> {
        Ok(text.len())
    }
    let steps = StepRegistry::new().register("length", length).register("all", same);
    let pipeline = chain(&["length", "all"]).build(&steps).unwrap();
    let input = json!("four");
    assert_eq!(pipeline.run(input.clone()).await.unwrap().output, json!({"length": 4}));
    assert_eq!(input, json!("four"));
}

#[tokio::test]
async fn what_a_branch_changed_is_not_undone_by_one_that_did_not() {
    let paths = json!([
        {"from": "a", "to": "z"}, {"from": "a", "to": "c"},
        {"from": "z", "to": "d"}, {"from": "c", "to": "d"}
    ]);
    let file = flow(&["a", "z", "c", "d"], &paths);
    let steps = StepRegistry::new()
        .register("a", gives(json!({"x": "a", "w": "a"})))
        .register("z", gives(json!({"x": "z", "both": "z"})))
        .register("c", gives(json!({"both": "c"})))
        .register("d", same);
    let output = run(&file, &steps, Value::Null).await;
    assert_eq!((&output["x"], &output["w"]), (&json!("z"), &json!("a")));
    assert_eq!(output["both"], "c", "of steps equally far, the one that is listed later");
}

#[tokio::test]
async fn what_is_newer_is_told_by_the_flow_and_not_by_the_order_of_the_file() {
    let paths = json!([
        {"from": "first", "to": "second"}, {"from": "second", "to": "third"},
        {"from": "third", "to": "last"}
    ]);
    let file = flow(&["first", "third", "second", "last"], &paths);
    let steps = StepRegistry::new()
        .register("first", gives(json!({"x": 1})))
        .register("second", gives(json!({"x": 2})))
        .register("third", gives(json!({"x": 3})))
        .register("last", same);
    assert_eq!(run(&file, &steps, Value::Null).await["x"], 3);
}

#[tokio::test]
async fn a_step_that_is_skipped_in_a_later_round_of_a_loop_has_given_nothing_for_a_join() {
    let at = |round: u32| json!({"type": "field_equals", "field": "begin", "value": round});
    let paths = json!([
        {"from": "begin", "to": "x", "condition": at(1)},
        {"from": "begin", "to": "y"},
        {"from": "begin", "to": "z"},
        {"from": "x", "to": "inner"},
        {"from": "y", "to": "inner"},
        {"from": "inner", "to": "outer"},
        {"from": "z", "to": "outer"},
        {"from": "outer", "to": "begin", "condition": at(1)}
    ]);
    let mut file = flow(&["begin", "x", "y", "z", "inner", "outer"], &paths).to_json();
    file["outputs"] = json!({"x_was_skipped": "{steps.x.skipped}", "x": "{steps.x.output|'none'}"});
    let file = FlowFile::from_json(&file.to_string()).unwrap();
    async fn begin(_: StepContext, input: Value) -> Result<u64, io::Error> {
        Ok(input["begin"].as_u64().unwrap_or(0) + 1)
    }
    let rest = ["x", "y", "z", "inner", "outer"];
    let steps = rest.iter().fold(StepRegistry::new().register("begin", begin), |steps, id| {
        steps.register(*id, gives(json!({})))
    });
    let expected = json!({"x_was_skipped": true, "x": "none"});
    assert_eq!(run(&file, &steps, Value::Null).await, expected);
}

#[tokio::test]
async fn steps_that_hand_on_what_they_were_given_do_not_make_it_grow_without_bound() {
    let names: Vec<String> = (0..40).map(|n| format!("s{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let steps = names.iter().fold(StepRegistry::new(), |steps, name| steps.register(*name, same));
    let output = run(&chain(&names), &steps, json!({"x": 1})).await;
    assert_eq!(output["s38"], json!({"x": 1}));
    assert!(output.to_string().len() < 2_000, "{}", output.to_string().len());
}

#[tokio::test]
async fn a_step_in_a_loop_sees_what_it_gave_before_and_what_came_after_it() {
    async fn grow(_: StepContext, input: Value) -> Result<Value, io::Error> {
        let n = input["n"].as_u64().unwrap_or(0);
        Ok(json!({"n": n + 1, "seen": input["check"]["seen_n"]}))
    }
    async fn check(_: StepContext, input: Value) -> Result<Value, io::Error> {
        Ok(json!({"seen_n": input["n"], "again": input["n"].as_u64() < Some(3)}))
    }
    let paths = json!([
        {"from": "grow", "to": "check"},
        {"from": "check", "to": "end",
         "condition": {"type": "field_equals", "field": "again", "value": false}},
        {"from": "check", "to": "grow", "condition": "else"}
    ]);
    let steps = StepRegistry::new().register("grow", grow).register("check", check);
    let file = flow(&["grow", "check"], &paths);
    let pipeline = file.build(&steps).unwrap();
    let run = pipeline.run(json!({})).await.unwrap();
    assert_eq!(run.output, json!({"seen_n": 3, "again": false}));
    assert_eq!(run.steps.len(), 6);
}

/// The error of a run of `a` -> `b` under a condition, by step and name.
async fn failure(condition: Value, output: Value) -> (String, String, String) {
    let mut paths = json!([{"from": "a", "to": "b"}]);
    paths[0]["condition"] = condition;
    let steps = StepRegistry::new().register("a", gives(output)).register("b", same);
    let probe = Probe::new();
    let builder = flow(&["a", "b"], &paths).builder(&steps).unwrap();
    let pipeline = builder.telemetry(probe.instruments()).build().unwrap();
    let error = pipeline.run(Value::Null).await.unwrap_err();
    assert_eq!(probe.errors("a", error.error_type()), 1.0);
    assert_eq!(probe.steps("a", "error"), 1.0);
    let step = error.step().unwrap().to_owned();
    (step, error.error_type().to_owned(), error.to_string())
}

#[tokio::test]
async fn a_condition_about_a_value_that_is_missing_is_an_error_of_the_step_before() {
    let condition = json!({"type": "expression", "source": "a.score", "operator": ">", "value": 1});
    let (step, error_type, text) = failure(condition, json!({"scores": 3})).await;
    assert_eq!((step.as_str(), error_type.as_str()), ("a", "missing_value"));
    assert!(text.contains("`a.score`, which is not there") && text.contains("`default`"), "{text}");
}

#[tokio::test]
async fn a_condition_about_values_that_cannot_be_compared_is_an_error_of_the_step_before() {
    let condition = json!({"type": "threshold_condition", "field": "score", "value": 0.5});
    let (step, error_type, text) = failure(condition, json!({"score": "high"})).await;
    assert_eq!((step.as_str(), error_type.as_str()), ("a", "incomparable"));
    assert!(text.contains("`score` greater or equal `0.5`, but it is `\"high\"`"), "{text}");
}

#[tokio::test]
async fn a_default_stands_in_for_a_value_that_is_missing() {
    let paths = json!([{"from": "a", "to": "b", "condition":
        {"type": "expression", "source": "score", "operator": ">", "value": 1, "default": 5}}]);
    let steps =
        StepRegistry::new().register("a", gives(json!({}))).register("b", gives(json!("went")));
    assert_eq!(run(&flow(&["a", "b"], &paths), &steps, Value::Null).await, json!("went"));
}

#[tokio::test]
async fn an_input_that_a_step_cannot_take_is_its_error_with_the_path_inside_the_value() {
    #[derive(Clone, Deserialize)]
    struct Order {
        items: Vec<Item>,
    }
    #[derive(Clone, Deserialize)]
    struct Item {
        price: f64,
    }
    async fn total(_: StepContext, order: Order) -> Result<f64, io::Error> {
        Ok(order.items.iter().map(|item| item.price).sum())
    }
    let steps = StepRegistry::new()
        .register("a", gives(json!({"items": [{"price": 1}, {"price": "2"}]})))
        .register("b", total);
    let error = chain(&["a", "b"]).build(&steps).unwrap().run(Value::Null).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("b"), "bad_input"));
    let text = error.to_string();
    assert!(
        text.contains("at $.items[1].price: invalid type: string \"2\", expected f64"),
        "{text}"
    );
    assert_eq!(error.completed().count(), 1);
}

#[tokio::test]
async fn an_output_that_is_not_json_is_an_error_of_its_step() {
    #[derive(Clone, Serialize)]
    struct Odd(std::collections::BTreeMap<(u8, u8), u8>);
    async fn odd(_: StepContext, _: Value) -> Result<Odd, io::Error> {
        Ok(Odd([((1, 2), 3)].into()))
    }
    let steps = StepRegistry::new().register("a", odd);
    let error = chain(&["a"]).build(&steps).unwrap().run(Value::Null).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("a"), "bad_output"));
}

#[tokio::test]
async fn inputs_that_are_not_there_are_an_error_of_the_step_but_for_those_that_are_not_required() {
    let file = |required: bool| {
        let file = json!({
            "name": "p",
            "steps": [{"id": "a"}, {"id": "b", "inputs": [
                {"name": "x", "source": "{steps.a.output.x}", "required": required}]}],
            "flow": {"start_at": "a", "paths": [{"from": "a", "to": "b"}]}
        });
        FlowFile::from_json(&file.to_string()).unwrap()
    };
    let steps = StepRegistry::new().register("a", gives(json!({}))).register("b", same);
    assert_eq!(run(&file(false), &steps, Value::Null).await, json!({}));
    let error = file(true).build(&steps).unwrap().run(Value::Null).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("b"), "missing_value"));
}

#[tokio::test]
async fn outputs_that_are_not_there_are_an_error_of_the_run() {
    let file = json!({"name": "p", "steps": [{"id": "a"}], "flow": {"start_at": "a"},
        "outputs": {"x": "{steps.a.output.x}"}});
    let steps = StepRegistry::new().register("a", gives(json!({"y": 1})));
    let pipeline = FlowFile::from_json(&file.to_string()).unwrap().build(&steps).unwrap();
    let error = pipeline.run(Value::Null).await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (RunErrorKind::NoOutput, "missing_value"));
    assert!(error.to_string().contains("cannot make its `outputs`"), "{error}");
    assert_eq!(error.completed().count(), 1);
}

#[tokio::test]
async fn outputs_see_what_all_branches_gave_and_without_them_the_last_listed_end_gives() {
    let paths = json!([{"from": "a", "to": "b"}, {"from": "a", "to": "c"}]);
    let steps = || {
        StepRegistry::new()
            .register("a", gives(json!({})))
            .register("b", gives(json!("b")))
            .register("c", gives(json!("c")))
    };
    assert_eq!(run(&flow(&["a", "b", "c"], &paths), &steps(), Value::Null).await, json!("c"));
    assert_eq!(run(&flow(&["a", "c", "b"], &paths), &steps(), Value::Null).await, json!("b"));
    let mut file = flow(&["a", "b", "c"], &paths).to_json();
    file["outputs"] = json!(["{steps.b.output}", "{steps.c.output}"]);
    file["outputs"] = json!({"all": file["outputs"]});
    let file = FlowFile::from_json(&file.to_string()).unwrap();
    assert_eq!(run(&file, &steps(), Value::Null).await, json!({"all": ["b", "c"]}));
}

#[tokio::test]
async fn two_paths_with_conditions_from_one_step_to_another_are_one_that_either_opens() {
    let when = |value: u32| json!({"from": "a", "to": "b", "condition": {"type": "field_equals", "field": "a", "value": value}});
    let other = json!({"from": "a", "to": "c", "condition": "else"});
    let file = flow(&["a", "b", "c"], &json!([when(1), when(2), other]));
    for (n, expected) in [(1, "b"), (2, "b"), (3, "c")] {
        let steps = StepRegistry::new()
            .register("a", gives(json!(n)))
            .register("b", gives(json!("b")))
            .register("c", gives(json!("c")));
        assert_eq!(run(&file, &steps, Value::Null).await, json!(expected), "{n}");
    }
}

#[test]
fn a_loop_ends_when_its_time_is_over() {
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(clock.clone()).memory(100).build();
    let steps = StepRegistry::new().register("a", move |_: StepContext, _: Value| {
        clock.advance(Duration::from_secs(4));
        std::future::ready(Ok::<_, io::Error>(json!(true)))
    });
    let file = json!({
        "name": "p",
        "steps": [{"id": "a"}],
        "flow": {"start_at": "a", "paths": [
            {"from": "a", "to": "a", "condition": {"type": "field_equals", "field": "a", "value": true}}]},
        "loop_config": {"max_loop_time_seconds": 10}
    });
    let builder = FlowFile::from_json(&file.to_string()).unwrap().builder(&steps).unwrap();
    let pipeline = builder.telemetry(tracer).telemetry(Registry::new()).build().unwrap();
    let error =
        futures_util::FutureExt::now_or_never(pipeline.run(Value::Null)).unwrap().unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("a"), "loop_limit"));
    assert_eq!(error.steps().len(), 3, "after 4 and 8 seconds it may go on, after 12 not");
    assert!(error.to_string().contains("max_loop_time_seconds"), "{error}");
}

#[tokio::test]
async fn a_run_of_a_flow_file_is_resumed_where_it_was() {
    let (store, fails) = (MemoryStore::new(), std::sync::Arc::new(std::sync::Mutex::new(true)));
    let executions = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let (switch, counter) = (std::sync::Arc::clone(&fails), std::sync::Arc::clone(&executions));
    let steps = StepRegistry::new()
        .register("a", move |_: StepContext, _: Value| {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            std::future::ready(Ok::<_, io::Error>(Value::Null))
        })
        .register("b", move |_: StepContext, input: Value| {
            let fails = *switch.lock().unwrap();
            std::future::ready(if fails { Err(io::Error::other("away")) } else { Ok(input) })
        });
    let builder = chain(&["a", "b"]).builder(&steps).unwrap();
    let pipeline: Pipeline<Value, Value> = builder.checkpoint_store(store.clone()).build().unwrap();
    pipeline.run(json!({"x": 1})).await.unwrap_err();
    *fails.lock().unwrap() = false;
    let runs = store.runs().await.unwrap();
    let run = pipeline.resume(runs[0]).await.unwrap().await.unwrap();
    assert_eq!(run.output, json!({"x": 1, "a": null}));
    assert_eq!(executions.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn the_builder_of_a_flow_file_gives_json_and_nothing_else() {
    let steps = StepRegistry::new().register("a", same);
    let errors = chain(&["a"]).builder(&steps).unwrap().output::<u32>().build().unwrap_err();
    assert!(errors.to_string().contains("a run is to give `u32`"), "{errors}");
}

#[tokio::test]
async fn branches_run_at_the_same_time() {
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    let meet = move |_: StepContext, _: Value| {
        let barrier = std::sync::Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            Ok::<_, io::Error>(json!({}))
        }
    };
    let steps = StepRegistry::new()
        .register("a", same)
        .register("b", meet.clone())
        .register("c", meet)
        .register("d", gives(json!("met")));
    let paths = json!([
        {"from": "a", "to": "b"}, {"from": "a", "to": "c"},
        {"from": "b", "to": "d"}, {"from": "c", "to": "d"}
    ]);
    assert_eq!(run(&flow(&["a", "b", "c", "d"], &paths), &steps, json!({})).await, json!("met"));
}

#[tokio::test(start_paused = true)]
async fn waits_between_attempts_are_what_the_file_says() {
    async fn fail(_: StepContext, _: Value) -> Result<Value, io::Error> {
        Err(io::Error::other("away"))
    }
    let file = json!({
        "name": "p",
        "steps": [{"id": "a", "config": {"error_handling": {"retry": {
            "max_attempts": 4, "initial_delay": 0.5, "max_delay": 4, "exponential_base": 3, "jitter": false}}}}],
        "flow": {"start_at": "a"}
    });
    let steps = StepRegistry::new().register("a", fail);
    let pipeline = FlowFile::from_json(&file.to_string()).unwrap().build(&steps).unwrap();
    let began = tokio::time::Instant::now();
    let error = pipeline.run(Value::Null).await.unwrap_err();
    assert_eq!(error.steps()[0].attempts, 4);
    assert_eq!(began.elapsed(), Duration::from_secs(6), "0.5, 1.5 and, instead of 4.5, 4 seconds");
}

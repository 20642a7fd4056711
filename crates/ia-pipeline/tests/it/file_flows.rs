//! The fifteen flow files, loaded and run.

use std::time::Duration;

use ia_pipeline::{FlowFile, Pipeline, RunErrorKind};
use serde_json::{Value, json};

use crate::file_steps::{Loaded, path, registry};

#[tokio::test]
async fn a_chain() {
    let pipeline = Pipeline::from_file(path("chain.json"), &registry()).unwrap();
    let run = pipeline.run(json!({"text": "three little words"})).await.unwrap();
    assert_eq!(run.output, json!({"words": 3, "done": true}));
    assert_eq!(run.items, 3);
    assert_eq!(pipeline.steps().collect::<Vec<_>>(), ["split", "count", "report"]);
}

#[tokio::test]
async fn a_branch_with_a_condition_a_named_condition_and_an_else() {
    let triage = Loaded::new("branch.json");
    let high = json!({"priority": "high", "age_days": 1});
    assert_eq!(triage.output(high).await, json!({"answer": "paged"}));
    let old = json!({"priority": "low", "age_days": 31});
    assert_eq!(triage.output(old).await, json!({"answer": "escalated"}));
    let other = json!({"priority": "low", "age_days": 1});
    assert_eq!(triage.output(other).await, json!({"answer": "queued"}));
    assert_eq!(triage.steps("classify", "success"), 3.0);
    assert_eq!(triage.steps("queue", "success"), 1.0);
    assert_eq!(triage.steps("queue", "skipped"), 2.0);
}

#[tokio::test]
async fn a_threshold_that_is_a_parameter() {
    let gate = Loaded::new("threshold.json");
    assert_eq!(gate.output(json!({"quality": 0.8})).await, json!({"seen": {"level": "full"}}));
    assert_eq!(gate.output(json!({"quality": 0.7})).await, json!({"seen": {"level": "basic"}}));
    assert_eq!((gate.steps("publish", "success"), gate.steps("publish", "skipped")), (1.0, 1.0));
    let file = FlowFile::read(path("threshold.json")).unwrap().parameter("threshold", 0.9);
    let strict = Loaded::of(&file);
    assert_eq!(strict.output(json!({"quality": 0.8})).await, json!({"seen": {"level": "basic"}}));
}

#[cfg(feature = "yaml")]
#[tokio::test]
async fn field_equals() {
    let router = Loaded::new("field_equals.yaml");
    assert_eq!(router.output(json!({"language": "de"})).await, json!({"greeting": "Guten Tag"}));
    assert_eq!(router.output(json!({"language": "en"})).await, json!({"greeting": "Hello"}));
    let error = router.pipeline.run(json!({"language": "fr"})).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::EndedInFailure);
    assert_eq!(
        (router.steps("english", "success"), router.steps("english", "skipped")),
        (1.0, 2.0)
    );
}

#[tokio::test]
async fn a_fan_out_and_a_join() {
    let workers = Loaded::new("fan_out.json");
    assert_eq!(workers.output(Value::Null).await, json!({"seen": {"all": [11, 22, 33]}}));
    for step in ["split", "first", "second", "third", "merge"] {
        assert_eq!(workers.steps(step, "success"), 1.0, "{step}");
    }
}

#[cfg(feature = "yaml")]
#[tokio::test]
async fn a_diamond_whose_join_sees_which_side_was_skipped() {
    let diamond = Loaded::new("diamond.yaml");
    let both = json!({"present": ["left", "right"], "right_was_skipped": false});
    assert_eq!(diamond.output(json!({"both": true})).await, both);
    let one = json!({"present": ["left"], "right_was_skipped": true});
    assert_eq!(diamond.output(json!({})).await, one);
    assert_eq!((diamond.steps("right", "success"), diamond.steps("right", "skipped")), (1.0, 1.0));
}

#[tokio::test(start_paused = true)]
async fn a_loop_with_a_limit_and_a_pause() {
    let drafts = Loaded::new("loop.json");
    let began = tokio::time::Instant::now();
    assert_eq!(drafts.output(json!({"n": 0})).await, json!({"seen": {"revision": 3}}));
    assert_eq!(
        began.elapsed(),
        Duration::from_secs(1),
        "two rounds more, each after half a second"
    );
    assert_eq!((drafts.steps("draft", "success"), drafts.steps("publish", "success")), (3.0, 1.0));
    let error = drafts.pipeline.run(json!({"n": -5})).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("review"), "loop_limit"));
    assert_eq!(drafts.steps("draft", "success"), 7.0, "once and three times over");
    assert_eq!(drafts.errors("review", "loop_limit"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn error_handling_with_retry() {
    let fetch = Loaded::new("retry.json");
    assert_eq!(fetch.output(Value::Null).await, json!({"attempt": 3}));
    let labels = [("pipeline_name", "fetch_with_retry"), ("step_name", "fetch")];
    let snapshot = fetch.probe.registry.snapshot();
    assert_eq!(snapshot.value("step_retries_total", labels), Some(2.0));
    assert_eq!(fetch.steps("fetch", "success"), 1.0);
}

#[cfg(feature = "yaml")]
#[tokio::test]
async fn error_handling_with_a_fallback() {
    let fetch = Loaded::new("fallback.yaml");
    assert_eq!(fetch.output(Value::Null).await, json!({"seen": {"pages": ["cached"]}}));
    assert_eq!(fetch.steps("fetch", "fallback"), 1.0);
    assert_eq!(fetch.errors("fetch", "unavailable"), 1.0);
}

#[tokio::test]
async fn error_handling_that_goes_on() {
    let best_effort = Loaded::new("continue_on_error.json");
    let expected = json!({"text": "as it was", "error": "unavailable", "note": "not enriched"});
    assert_eq!(best_effort.output(Value::Null).await, expected);
    assert_eq!((best_effort.steps("enrich", "error"), best_effort.runs("success")), (1.0, 1.0));
    assert_eq!(best_effort.errors("enrich", "unavailable"), 1.0);
}

#[tokio::test]
async fn templates_with_a_list_of_parameters() {
    let file = FlowFile::read(path("templates_list.json")).unwrap().parameter("limit", 5);
    let expected = json!({
        "limit": 5,
        "tags": ["a", "b"],
        "second": "b",
        "title": "5 pages in en",
        "braces": "{{ stay }}",
        "note": null,
    });
    assert_eq!(Loaded::of(&file).output(Value::Null).await, expected);
}

#[cfg(feature = "yaml")]
#[tokio::test]
async fn templates_with_a_map_of_parameters_in_a_nested_config() {
    let file = FlowFile::read(path("templates_map.yaml")).unwrap().parameter("temperature", 0.25);
    let expected = json!({"model": "small", "temperature": 0.25, "depths": [2, 7]});
    assert_eq!(Loaded::of(&file).output(Value::Null).await, expected);
}

#[tokio::test]
async fn inputs_and_outputs_with_alternatives() {
    let mapping = Loaded::new("mapping.json");
    let output = mapping.output(json!({"user": "ada"})).await;
    assert_eq!(output["greeting"], "Hello Ada");
    assert_eq!((&output["title"], &output["constant"]), (&json!("Countess"), &json!(true)));
    let seen = json!({
        "text": "Hello Ada",
        "title": "friend",
        "languages": ["en", "fr"],
        "nested": {"first": "en", "fixed": 3},
        "asked_by": "eve",
        "pattern": "{not a path} stays",
    });
    assert_eq!(mapping.output(json!({"user": "eve"})).await["whole"], json!({"seen": seen}));
    assert_eq!((mapping.steps("vip", "success"), mapping.steps("vip", "skipped")), (1.0, 1.0));
}

#[tokio::test]
async fn an_end_with_failure() {
    let guarded = Loaded::new("failure.json");
    assert_eq!(guarded.output(json!({"words": ["fine"]})).await, json!({"ok": true}));
    let error = guarded.pipeline.run(json!({"words": ["forbidden"]})).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::EndedInFailure);
    assert_eq!((guarded.runs("success"), guarded.runs("error")), (1.0, 1.0));
    assert_eq!((guarded.steps("check", "success"), guarded.steps("work", "skipped")), (2.0, 1.0));
}

#[tokio::test]
async fn the_dialect_of_from_step_and_to_step() {
    let dialect = Loaded::new("dialect.json");
    assert_eq!(dialect.output(Value::Null).await, json!({"n": 5}));
    assert_eq!((dialect.steps("ingest", "success"), dialect.steps("total", "success")), (1.0, 1.0));
}

#[test]
fn all_fifteen_load_without_a_warning() {
    let mut files = 0;
    for entry in std::fs::read_dir(path("")).unwrap() {
        let path = entry.unwrap().path();
        files += 1;
        if cfg!(feature = "yaml") || path.extension().is_some_and(|extension| extension == "json") {
            let file = FlowFile::read(&path).unwrap();
            let given = [("limit", json!(1)), ("temperature", json!(1))];
            let declared = std::fs::read_to_string(&path).unwrap();
            let file = given
                .into_iter()
                .filter(|(name, _)| declared.contains(&format!("parameters.{name} ")))
                .fold(file, |file, (name, value)| file.parameter(name, value));
            assert_eq!(file.check(&registry()).unwrap(), [], "{}", path.display());
        }
    }
    assert_eq!(files, 15);
}

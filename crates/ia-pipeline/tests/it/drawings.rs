//! Drawings in Mermaid and DOT, against golden files. `UPDATE_GOLDEN=1` writes them anew.

use std::io;
use std::path::Path;
use std::time::Duration;

use ia_metrics_core::Registry;
use ia_pipeline::{Flow, FlowFile, Pipeline, Policy, StepContext};
use ia_tracing::{ManualClock, Tracer};

use crate::file_steps::{path, registry};
use crate::probe::{double, same};

/// What a pipeline may be called by somebody who means no good.
const HOSTILE: [&str; 8] = [
    "a \"quoted\" [name] {with} (brackets)",
    "end of <b>it</b> & more; #35; 100%",
    "two\nlines\tand a tab",
    "back\\slash\\n and `ticks` *stars*",
    "1. item",
    "- item",
    "%%{init: {}}%% --> s0",
    "Übung 数",
];

fn golden(name: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, drawn).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(drawn, expected, "{name}: UPDATE_GOLDEN=1 writes it anew");
}

fn typed() -> Pipeline<u32, u32> {
    Pipeline::builder("draft and check")
        .step("draft", same)
        .step("check", double)
        .step("publish", same)
        .flow(
            Flow::start("draft")
                .then("check")
                .repeat("check", |score: &u32| *score < 5, "draft", 3)
                .when("check", |score: &u32| *score >= 5, "publish")
                .otherwise("check", Flow::FAILURE)
                .edge("publish", Flow::END),
        )
        .enable_telemetry(false)
        .build()
        .unwrap()
}

fn hostile() -> Pipeline<u32, u32> {
    let builder = Pipeline::builder("\"digraph\" {\n%%{x}%% end").step(HOSTILE[0], same);
    let pipeline = HOSTILE[1..].iter().fold(builder, |builder, name| builder.step(*name, same));
    pipeline.enable_telemetry(false).build().unwrap()
}

#[test]
fn a_typed_pipeline() {
    golden("typed.mmd", &typed().to_mermaid());
    golden("typed.dot", &typed().to_dot());
}

#[test]
fn names_are_only_names() {
    golden("hostile.mmd", &hostile().to_mermaid());
    golden("hostile.dot", &hostile().to_dot());
}

#[test]
fn every_flow_file() {
    for name in ["branch", "loop", "mapping", "failure"] {
        let file = FlowFile::read(path(&format!("{name}.json"))).unwrap();
        let pipeline = file.build(&registry()).unwrap();
        golden(&format!("{name}.mmd"), &pipeline.to_mermaid());
        golden(&format!("{name}.dot"), &pipeline.to_dot());
    }
}

/// A step that takes so many milliseconds, and fails where it is given more than 5.
fn takes(
    clock: &ManualClock,
    milliseconds: u64,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let clock = clock.clone();
    move |_, n| {
        clock.advance(Duration::from_millis(milliseconds));
        std::future::ready(if n > 5 { Err(io::Error::other("\"too\" <big>")) } else { Ok(n + 1) })
    }
}

#[tokio::test(start_paused = true)]
async fn what_became_of_the_steps_in_a_run_and_in_one_that_failed() {
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(clock.clone()).memory(100).build();
    let pipeline = Pipeline::builder("timed")
        .step("fast", takes(&clock, 0))
        .step("again", takes(&clock, 12))
        .step("skipped", takes(&clock, 1))
        .step("slow", takes(&clock, 2_500))
        .policy(Policy::retry(1))
        .flow(
            Flow::start("fast")
                .then("again")
                .repeat("again", |n: &u32| *n < 4, "again", 9)
                .when("again", |n: &u32| *n > 100, "skipped")
                .edge("again", "slow"),
        )
        .telemetry(tracer)
        .telemetry(Registry::new())
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    golden("run.mmd", &pipeline.drawing().run(&run.steps).to_mermaid());
    golden("run.dot", &pipeline.drawing().run(&run.steps).to_dot());
    let error = pipeline.run(5).await.unwrap_err();
    assert_eq!(error.step(), Some("again"));
    golden("failed_run.mmd", &pipeline.drawing().run(error.steps()).to_mermaid());
    golden("failed_run.dot", &pipeline.drawing().run(error.steps()).to_dot());
}

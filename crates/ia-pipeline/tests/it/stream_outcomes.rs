//! What each way in which streams can end leaves behind, also when the run is dropped at any poll.

use std::time::Duration;

use ia_pipeline::{Pipeline, Policy, Sink, StepContext, StepError, StepStatus, Steps, Stream};
use ia_tracing::Status;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::cancellation::poll_times;
use crate::probe::Probe;
use crate::streams::{count, doubled, sum};

/// One row: what happens to `yields -> between -> takes`, and how each of them ends then.
struct Row {
    what: &'static str,
    pipeline: Pipeline<u32, u32>,
    probe: Probe,
    /// Of the run, and of the three steps in their order.
    run: &'static str,
    steps: [&'static str; 3],
    error_type: Option<(&'static str, &'static str)>,
}

const TICK: Duration = Duration::from_millis(100);

async fn fails(ctx: StepContext, n: u32, out: Sink<u32>) -> Result<(), StepError> {
    count(ctx, n, out).await?;
    Err(std::io::Error::from(std::io::ErrorKind::NotFound).into())
}

async fn panics(ctx: StepContext, n: u32, out: Sink<u32>) -> Result<(), StepError> {
    count(ctx, n, out).await?;
    std::panic::resume_unwind(Box::new("on purpose"))
}

async fn slow(_: StepContext, n: u32, out: Sink<u32>) -> Result<(), StepError> {
    for item in 0..n {
        sleep(TICK).await;
        out.send(item).await?;
    }
    Ok(())
}

async fn between_fails(
    ctx: StepContext,
    mut items: Stream<u32>,
    _: Sink<u32>,
) -> Result<(), StepError> {
    items.next().await;
    ctx.items(1);
    Err(std::io::Error::from(std::io::ErrorKind::NotFound).into())
}

async fn takes_one(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    Ok(items.next().await.unwrap_or(0))
}

async fn takes_slowly(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    let mut sum = 0;
    while let Some(item) = items.next().await {
        sleep(TICK).await;
        sum += item;
    }
    Ok(sum)
}

async fn takes_and_fails(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    items.next().await;
    yield_now().await;
    Err(std::io::Error::from(std::io::ErrorKind::NotFound).into())
}

async fn takes_and_panics(_: StepContext, mut items: Stream<u32>) -> Result<u32, StepError> {
    items.next().await;
    std::panic::resume_unwind(Box::new("on purpose"))
}

async fn never_takes(_: StepContext, items: Stream<u32>) -> Result<u32, StepError> {
    std::future::pending::<()>().await;
    drop(items);
    Ok(0)
}

type Ends = (&'static str, [&'static str; 3], Option<(&'static str, &'static str)>);

fn row<F>(what: &'static str, (run, steps, error_type): Ends, finish: F) -> Row
where
    F: FnOnce(ia_pipeline::PipelineBuilder) -> Pipeline<u32, u32>,
{
    let probe = Probe::new();
    let builder = Pipeline::builder("p").telemetry(probe.instruments());
    Row { what, pipeline: finish(builder), probe, run, steps, error_type }
}

macro_rules! steps {
    ($yields:expr, $between:expr, $takes:expr $(, $setting:ident ( $($value:expr),* ))*) => {
        |builder: ia_pipeline::PipelineBuilder| builder
            .stream("yields", $yields)
            .capacity(2)
            .stream("between", $between)
            .capacity(1)
            .step("takes", $takes)
            $(.$setting($($value),*))*
            .build()
            .unwrap()
    };
}

fn table() -> Vec<Row> {
    const FINE: [&str; 3] = ["success"; 3];
    let limit = Policy::new().timeout(3 * TICK);
    let not_found = |step| Some((step, "NotFound"));
    vec![
        row("all succeed", ("success", FINE, None), steps!(count, doubled, sum)),
        row("who yields is slower", ("success", FINE, None), steps!(slow, doubled, sum)),
        row("who takes is slower", ("success", FINE, None), steps!(count, doubled, takes_slowly)),
        row("who takes has enough", ("success", FINE, None), steps!(count, doubled, takes_one)),
        row(
            "who yields fails",
            ("error", ["error", "cancelled", "cancelled"], not_found("yields")),
            steps!(fails, doubled, sum),
        ),
        row(
            "who yields panics",
            ("error", ["error", "cancelled", "cancelled"], Some(("yields", "panic"))),
            steps!(panics, doubled, sum),
        ),
        row(
            "who is between fails",
            ("error", ["cancelled", "error", "cancelled"], not_found("between")),
            steps!(slow, between_fails, sum),
        ),
        row(
            "who takes fails",
            ("error", ["cancelled", "cancelled", "error"], not_found("takes")),
            steps!(slow, doubled, takes_and_fails),
        ),
        row(
            "who takes panics",
            ("error", ["cancelled", "cancelled", "error"], Some(("takes", "panic"))),
            steps!(slow, doubled, takes_and_panics),
        ),
        row(
            "who takes is too slow",
            ("error", ["cancelled", "cancelled", "error"], Some(("takes", "timeout"))),
            steps!(count, doubled, never_takes, policy(limit)),
        ),
        row(
            "the deadline",
            ("error", ["error", "error", "error"], Some(("yields", "timeout"))),
            steps!(slow, doubled, never_takes, deadline(3 * TICK)),
        ),
        row(
            "one at a time",
            ("success", FINE, None),
            steps!(count, doubled, takes_slowly, max_concurrency(1)),
        ),
        row(
            "one at a time, and who yields fails",
            ("error", ["error", "cancelled", "cancelled"], not_found("yields")),
            steps!(fails, doubled, sum, max_concurrency(1)),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn every_way_to_end_leaves_what_it_should() {
    for row in table() {
        let (what, probe) = (row.what, &row.probe);
        let result = row.pipeline.run(7).await;
        assert_eq!(result.is_ok(), row.run == "success", "{what}: {result:?}");
        assert_eq!((probe.runs(row.run), probe.all_runs()), (1.0, 1.0), "{what}: run");
        for (step, status) in ["yields", "between", "takes"].into_iter().zip(row.steps) {
            assert_eq!(probe.steps(step, status), 1.0, "{what}: `{step}` ends as {status}");
        }
        if let Some((step, error_type)) = row.error_type {
            assert_eq!(probe.errors(step, error_type), 1.0, "{what}: error type");
        }
        probe.assert_settled();
    }
}

#[tokio::test(start_paused = true)]
async fn every_way_to_end_counts_once_when_the_run_is_dropped_at_any_poll() {
    for polls in 1..40 {
        for row in table() {
            let what = format!("{}, dropped after {polls} polls", row.what);
            let finished = poll_times(row.pipeline.run(7), polls).await;
            let probe = &row.probe;
            assert_eq!(probe.all_runs(), 1.0, "{what}");
            assert_eq!(probe.runs("cancelled"), f64::from(u8::from(!finished)), "{what}");
            probe.assert_settled();
            let snapshot = probe.registry.snapshot();
            let spans = probe.spans();
            for step in ["yields", "between", "takes"] {
                let executed = snapshot.sum("step_executions_total", [("step_name", step)]);
                assert!(executed <= 1.0, "{what}: `{step}` was executed {executed} times");
                let spans = spans.iter().filter(|span| span.name() == step).count();
                assert_eq!(spans as f64, executed, "{what}: spans of `{step}`");
            }
            assert!(spans.iter().all(|span| *span.status() != Status::Unset), "{what}: no end");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_of_a_step_that_yields_includes_its_waits_for_room() {
    let pipeline = Pipeline::builder("p")
        .stream("yields", count)
        .policy(Policy::new().timeout(3 * TICK))
        .step("takes", takes_slowly)
        .build()
        .unwrap();
    assert!(pipeline.run(5).await.is_ok());
    let error = pipeline.run(50).await.unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("yields"), "timeout"));
}

#[tokio::test]
async fn the_steps_can_be_given_as_steps() {
    let steps = Steps::new().stream("yields", count).capacity(3).stream("between", doubled);
    let steps = steps.step("takes", sum);
    let flow = ia_pipeline::Flow::start("yields").then("between").then("takes");
    let pipeline = Pipeline::new("p", steps, flow, ia_pipeline::Services::new()).unwrap();
    let run = pipeline.run(10).await.unwrap();
    assert_eq!(run.output, 90);
    assert!(run.steps.iter().all(|step| step.status == StepStatus::Success));
}

#[tokio::test(start_paused = true)]
async fn a_clone_that_outlives_the_step_that_took_the_stream_holds_up_nobody() {
    let kept = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = std::sync::Arc::clone(&kept);
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .stream("count", |_: StepContext, n: u32, out: Sink<u32>| async move {
            for item in 0..n {
                out.send(item).await?;
            }
            Ok::<_, StepError>(())
        })
        .step("z", move |_: StepContext, items: Stream<u32>| {
            *keep.lock().unwrap() = Some(items.clone());
            std::future::ready(Ok::<_, StepError>(7))
        })
        .telemetry(probe.instruments())
        .deadline(Duration::from_mins(1))
        .build()
        .unwrap();
    assert_eq!(pipeline.run(100).await.unwrap().output, 7);
    assert!(kept.lock().unwrap().take().is_some());
    assert_eq!(probe.value("step_stream_depth", &[("step_name", "count")]), 0.0);
    probe.assert_settled();
}

//! Many runs of one pipeline.

use std::collections::HashMap;
use std::io;

use ia_pipeline::{Flow, Pipeline, StepContext};
use tokio::task::yield_now;

use crate::probe::Probe;

const RUNS: u32 = 1_000;

/// The input says what becomes of the run: 0 succeeds, 1 fails, 2 never ends.
async fn branch(_: StepContext, n: u32) -> Result<u32, io::Error> {
    for _ in 0..n % 7 {
        yield_now().await;
    }
    match n % 3 {
        1 => Err(io::Error::from(io::ErrorKind::InvalidData)),
        2 => std::future::pending().await,
        _ => Ok(n),
    }
}

async fn through(ctx: StepContext, n: u32) -> Result<u32, io::Error> {
    yield_now().await;
    ctx.items(2);
    Ok(n)
}

async fn merge(_: StepContext, (b, c, d): (u32, u32, u32)) -> Result<u32, io::Error> {
    assert_eq!((b, c), (c, d), "a run sees only its own values");
    Ok(b + c + d)
}

fn fan_out(probe: &Probe, hinge: bool) -> Pipeline<u32, u32> {
    let steps = Pipeline::builder("p").step("a", through).step("b", through).step("c", through);
    let steps = if hinge { steps.step("d", branch) } else { steps.step("d", through) };
    steps
        .join("merge", merge)
        .flow(Flow::start("a").fan_out("a", ["b", "c", "d"]).join(["b", "c", "d"], "merge"))
        .telemetry(probe.instruments())
        .build()
        .unwrap()
}

/// Every step's span is a child of the span of its own run, and all spans of a run are in one trace.
fn assert_spans_belong_to_their_runs(probe: &Probe, runs: usize) {
    let spans = probe.spans();
    let of_runs: HashMap<_, _> = spans
        .iter()
        .filter(|span| span.name() == "p")
        .map(|span| (span.span_id(), span.clone()))
        .collect();
    assert_eq!(of_runs.len(), runs);
    for span in spans.iter().filter(|span| span.name() != "p") {
        let run = &of_runs[&span.parent_id().unwrap()];
        assert_eq!(span.trace_id(), run.trace_id());
        assert_eq!(span.attribute("pipeline.run_id"), run.attribute("pipeline.run_id"));
    }
    let ids: std::collections::HashSet<_> = of_runs
        .values()
        .map(|span| span.attribute("pipeline.run_id").unwrap().to_string())
        .collect();
    assert_eq!(ids.len(), runs, "run ids are unique");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_runs_are_counted_exactly() {
    let probe = Probe::new();
    let pipeline = fan_out(&probe, false);
    let runs: Vec<_> = (0..RUNS).map(|n| tokio::spawn(pipeline.run(n))).collect();
    for (n, run) in (0..RUNS).zip(runs) {
        let run = run.await.unwrap().unwrap();
        assert_eq!((run.output, run.items, run.steps.len()), (3 * n, 8, 5));
    }
    assert_eq!(probe.runs("success"), f64::from(RUNS));
    for step in ["a", "b", "c", "d", "merge"] {
        assert_eq!(probe.steps(step, "success"), f64::from(RUNS), "{step}");
        assert_eq!(
            probe.value("step_duration_seconds", &[("step_name", step)]),
            f64::from(RUNS),
            "{step}"
        );
    }
    assert_eq!(probe.value("items_processed_total", &[]), f64::from(8 * RUNS));
    assert_eq!(probe.spans().len(), 6 * RUNS as usize);
    assert_spans_belong_to_their_runs(&probe, RUNS as usize);
    probe.assert_settled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_runs_are_counted_exactly_when_a_third_fail_and_a_third_are_dropped()
{
    let probe = Probe::new();
    let pipeline = fan_out(&probe, true);
    let mut runs: Vec<_> = (0..RUNS).map(|n| (n, tokio::spawn(pipeline.run(n)))).collect();
    for (n, run) in &mut runs {
        match *n % 3 {
            0 => assert_eq!(run.await.unwrap().unwrap().output, 3 * *n),
            1 => assert_eq!(run.await.unwrap().unwrap_err().error_type(), "InvalidData"),
            _ => {}
        }
    }
    // Those that never end have all begun by now, or begin and are dropped at once: both count, as each was polled.
    while probe.value("active_pipelines", &[]) < f64::from(RUNS / 3) {
        yield_now().await;
    }
    for (n, run) in &mut runs {
        if *n % 3 == 2 {
            run.abort();
            assert!(run.await.unwrap_err().is_cancelled());
        }
    }
    let third = |rest: u32| (0..RUNS).filter(|n| n % 3 == rest).count() as f64;
    assert_eq!(probe.runs("success"), third(0));
    assert_eq!(probe.runs("error"), third(1));
    assert_eq!(probe.runs("cancelled"), third(2));
    assert_eq!(probe.errors("d", "InvalidData"), third(1));
    assert_eq!(
        probe.steps("d", "success") + probe.steps("d", "error") + probe.steps("d", "cancelled"),
        f64::from(RUNS)
    );
    assert_spans_belong_to_their_runs(&probe, RUNS as usize);
    probe.assert_settled();
}

#[tokio::test]
async fn a_loop_counts_for_its_run_alone() {
    let probe = Probe::new();
    async fn up(_: StepContext, n: u32) -> Result<u32, io::Error> {
        yield_now().await;
        Ok(n + 1)
    }
    let pipeline = Pipeline::builder("p")
        .step("up", up)
        .flow(Flow::start("up").repeat("up", |n: &u32| *n < 10, "up", 9))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let runs: Vec<_> = (0..20).map(|_| tokio::spawn(pipeline.run(0))).collect();
    for run in runs {
        assert_eq!(run.await.unwrap().unwrap().output, 10);
    }
    assert_eq!(probe.steps("up", "success"), 200.0);
}

//! Very many runs at once: counted exactly, in bounded memory.

use std::sync::Arc;

use ia_metrics_core::Registry;
use ia_pipeline::{Pipeline, StepContext, StepError};
use ia_tracing::Tracer;
use tokio::sync::Barrier;
use tokio::task::yield_now;

use super::nested::memory;

const RUNS: u32 = 10_000;
const STEPS: u32 = 10;

/// The most that a run may take while it waits in a step, its task included.
const BYTES_PER_RUN: u64 = 16 * 1024;

/// A pipeline of ten steps, all of whose runs are in its fifth at the same time.
fn crowded(registry: &Registry) -> Pipeline<u32, u32> {
    let barrier = Arc::new(Barrier::new(RUNS as usize));
    let step = move |ctx: StepContext, n: u32| {
        let barrier = Arc::clone(&barrier);
        async move {
            yield_now().await;
            ctx.items(1);
            if ctx.step_name() == "step_5" {
                barrier.wait().await;
            }
            Ok::<_, StepError>(n + 1)
        }
    };
    let mut builder = Pipeline::builder("crowded").step("step_1", step.clone());
    for number in 2..=STEPS {
        builder = builder.step(format!("step_{number}"), step.clone());
    }
    let tracer = Tracer::builder().no_memory().build();
    builder.telemetry(registry.clone()).telemetry(tracer).build().unwrap()
}

/// What a run takes is allocated while the step that holds the runs is polled, or a step of theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_runs_at_once_are_counted_exactly_in_bounded_memory() {
    let registry = Registry::new();
    let runs = crowded(&registry);
    let inner = runs.clone();
    let crowd = move |ctx: StepContext, (): ()| {
        let runs = inner.clone();
        async move {
            let tasks: Vec<_> = (0..RUNS).map(|n| ctx.spawn(runs.run(n))).collect();
            for (n, task) in (0..RUNS).zip(tasks) {
                let run = task.await?.map_err(StepError::from)?;
                assert_eq!((run.output, run.items), (n + STEPS, u64::from(STEPS)));
            }
            Ok::<_, StepError>(())
        }
    };
    let crowd =
        Pipeline::builder("crowd").step("crowd", crowd).telemetry(Registry::new()).build().unwrap();
    crowd.run(()).await.unwrap();

    let snapshot = registry.snapshot();
    let runs_of = |name: &str, status: &str| {
        snapshot.sum(name, [("pipeline_name", "crowded"), ("status", status)])
    };
    assert_eq!(runs_of("pipeline_executions_total", "success"), f64::from(RUNS));
    assert_eq!(runs_of("step_executions_total", "success"), f64::from(RUNS * STEPS));
    assert_eq!(snapshot.sum("pipeline_executions_total", []), f64::from(RUNS));
    assert_eq!(snapshot.sum("items_processed_total", []), f64::from(RUNS * STEPS));
    assert_eq!(snapshot.sum("active_pipelines", []), 0.0);

    let (held, of_steps) = (memory(&crowd), memory(&runs));
    let peak = held.peak + of_steps.peak;
    println!(
        "{RUNS} runs: {} bytes each at the peak, {} and {} bytes left",
        peak / u64::from(RUNS),
        held.live,
        of_steps.live
    );
    assert!(peak <= u64::from(RUNS) * BYTES_PER_RUN, "{peak} bytes at the peak");
    let left = held.live + of_steps.live;
    assert!(left < 1024 * 1024, "{left} bytes left");
}

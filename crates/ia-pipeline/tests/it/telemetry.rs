//! What is there before, during and after runs.

use std::io;

use ia_metrics_core::{CounterDesc, DataPoint, Registry};
use ia_pipeline::{Flow, Pipeline, RunStatus, StepContext, StepStatus, catalogue};
use ia_tracing::{SpanContext, Tracer};

use crate::probe::{Probe, never, same};

#[test]
fn every_series_of_a_closed_set_is_there_at_zero_when_a_pipeline_is_built() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("a", same)
        .step("b", same)
        .telemetry(probe.instruments())
        .build();
    let snapshot = probe.registry.snapshot();
    let value = |name: &str, labels: &[(&str, &str)]| {
        snapshot.value(name, labels.iter().copied().chain([("pipeline_name", "p")]))
    };
    for status in RunStatus::ALL {
        assert_eq!(
            value("pipeline_executions_total", &[("status", status.as_str())]),
            Some(0.0),
            "{status}"
        );
    }
    for step in ["a", "b"] {
        for status in StepStatus::ALL {
            let labels = [("step_name", step), ("status", status.as_str())];
            assert_eq!(value("step_executions_total", &labels), Some(0.0), "{step} {status}");
        }
        for name in ["step_duration_seconds", "step_retries_total", "step_queue_wait_seconds"] {
            assert_eq!(value(name, &[("step_name", step)]), Some(0.0), "{name}");
        }
        assert_eq!(
            value("step_errors_total", &[("step_name", step), ("error_type", "panic")]),
            Some(0.0)
        );
    }
    for name in [
        "pipeline_duration_seconds",
        "active_pipelines",
        "items_processed_total",
        "api_calls_total",
        "pipeline_cost_usd_total",
        "pipeline_queue_depth",
        "unpriced_api_calls_total",
    ] {
        assert_eq!(value(name, &[]), Some(0.0), "{name}");
    }
    assert_eq!(value("pipeline_last_success_timestamp_seconds", &[]), None);
    drop(pipeline);
}

#[test]
fn a_pipeline_emits_what_the_catalogue_says_and_nothing_else() {
    let probe = Probe::new();
    drop(Pipeline::builder("p").step("a", same).telemetry(probe.instruments()).build());
    let snapshot = probe.registry.snapshot();
    let mut emitted: Vec<_> =
        snapshot.families().map(|family| family.descriptor().clone()).collect();
    let mut described = catalogue::catalogue();
    emitted.sort_by(|a, b| a.name().cmp(b.name()));
    described.sort_by(|a, b| a.name().cmp(b.name()));
    assert_eq!(emitted, described);
}

#[tokio::test]
async fn a_run_under_way_is_active() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", never).telemetry(probe.instruments()).build().unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert_eq!(probe.active(), 0.0);
    assert!(futures_util::poll!(&mut running).is_pending());
    assert_eq!(probe.active(), 1.0);
    drop(running);
    assert_eq!(probe.active(), 0.0);
}

#[tokio::test]
async fn the_run_is_a_child_of_the_span_that_was_current_when_it_was_made() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", same).telemetry(probe.instruments()).build().unwrap();
    let outer = probe.tracer.start("request");
    let running = {
        let _entered = outer.enter();
        pipeline.run(1)
    };
    tokio::spawn(running).await.unwrap().unwrap();
    outer.end();
    assert_eq!(probe.spans().tree(), "request > p (s)");
}

#[tokio::test]
async fn spans_that_a_step_starts_are_its_children_across_await_and_spawn() {
    let probe = Probe::new();
    let tracer = probe.tracer.clone();
    let pipeline = Pipeline::builder("p")
        .step("s", move |ctx: StepContext, n: u32| {
            let tracer = tracer.clone();
            async move {
                tracer.start("before").end();
                tokio::task::yield_now().await;
                tracer.start("after").end();
                let inner = tracer.clone();
                ctx.spawn(async move { inner.start("spawned").end() }).await?;
                assert_eq!(SpanContext::current(), Some(ctx.span().context()));
                Ok::<_, tokio::task::JoinError>(n)
            }
        })
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    pipeline.run(1).await.unwrap();
    assert_eq!(probe.spans().tree(), "p > s (before, after, spawned)");
    assert_eq!(SpanContext::current(), None);
}

#[tokio::test]
async fn a_pipeline_inside_a_step_is_a_child_of_the_step() {
    let probe = Probe::new();
    let inner =
        Pipeline::builder("inner").step("i", same).telemetry(probe.instruments()).build().unwrap();
    let pipeline = Pipeline::builder("p")
        .step("s", move |_: StepContext, n: u32| {
            let running = inner.run(n);
            async move { running.await.map(|run| run.output) }
        })
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    pipeline.run(1).await.unwrap();
    assert_eq!(probe.spans().tree(), "p > s (inner (i))");
}

#[tokio::test]
async fn a_pipeline_with_telemetry_off_records_nothing_and_reports_all_the_same() {
    let probe = Probe::new();
    let pipeline = Pipeline::builder("p")
        .step("s", |ctx: StepContext, n: u32| async move {
            ctx.items(3);
            Ok::<_, io::Error>(n)
        })
        .telemetry(probe.instruments())
        .enable_telemetry(false)
        .build()
        .unwrap();
    let run = pipeline.run(1).await.unwrap();
    assert_eq!((run.items, run.steps.len()), (3, 1));
    assert_eq!(probe.registry.snapshot().families().len(), 0);
    assert_eq!(probe.spans().len(), 0);
}

#[tokio::test]
async fn switching_off_reaches_a_run_under_way_and_its_gauge_comes_back() {
    let probe = Probe::new();
    let pipeline =
        Pipeline::builder("p").step("s", never).telemetry(probe.instruments()).build().unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    probe.registry.set_enabled(false);
    drop(running);
    assert_eq!((probe.active(), probe.runs("cancelled")), (0.0, 0.0));
    probe.registry.set_enabled(true);
    drop(pipeline.run(1).await_one_poll());
    assert_eq!((probe.active(), probe.runs("cancelled")), (0.0, 1.0));
}

/// Polls a run once.
trait OnePoll {
    fn await_one_poll(self) -> Self;
}

impl OnePoll for ia_pipeline::Running<u32> {
    fn await_one_poll(mut self) -> Self {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::Pin::new(&mut self).poll(&mut cx).is_pending());
        self
    }
}

#[tokio::test]
async fn two_pipelines_of_one_name_share_their_series() {
    let probe = Probe::new();
    for _ in 0..2 {
        let pipeline =
            Pipeline::builder("p").step("s", same).telemetry(probe.instruments()).build().unwrap();
        pipeline.run(1).await.unwrap();
    }
    assert_eq!(probe.runs("success"), 2.0);
}

#[tokio::test]
async fn names_that_look_like_markup_stay_what_they_are() {
    let registry = Registry::new();
    let name = "etl \"nightly\"\n\\ <img onerror=x> 🦀";
    let pipeline = Pipeline::builder(name)
        .step("s\"1", same)
        .flow(Flow::start("s\"1"))
        .telemetry(registry.clone())
        .telemetry(Tracer::default())
        .build()
        .unwrap();
    pipeline.run(1).await.unwrap();
    let snapshot = registry.snapshot();
    assert_eq!(
        snapshot
            .value("pipeline_executions_total", [("pipeline_name", name), ("status", "success")]),
        Some(1.0)
    );
    let series = snapshot.family("pipeline_duration_seconds").unwrap().series().next().unwrap();
    assert!(matches!(series.point(), DataPoint::Histogram(point) if point.count() == 1));
}

#[tokio::test]
async fn a_metric_of_a_step_goes_where_those_of_its_pipeline_go() {
    const PAGES: CounterDesc<0> = CounterDesc::new("pages_total", "Pages.", []);
    let probe = Probe::new();
    let step = |ctx: StepContext, (): ()| async move {
        ctx.registry().counter(&PAGES).get().inc();
        Ok::<_, io::Error>(())
    };
    let pipeline = Pipeline::builder("p").step("s", step);
    pipeline.telemetry(probe.instruments()).build().unwrap().run(()).await.unwrap();
    assert_eq!(probe.registry.snapshot().value("pages_total", []), Some(1.0));
    assert_eq!(Registry::global().snapshot().value("pages_total", []), None);
}

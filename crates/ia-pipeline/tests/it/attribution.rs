//! CPU time and memory by pipeline, as metrics, in a process without a tracking allocator.

use std::io;
use std::time::Duration;

use futures_util::FutureExt;
use ia_metrics_core::Registry;
use ia_pipeline::{
    AttributionScope, CpuAccounting, MemoryUsage, Pipeline, PipelineBuilder, StepContext,
};
use ia_tracing::{ManualClock, SpanContext, Tracer};

use crate::probe::{Probe, same};

const SECOND: Duration = Duration::from_secs(1);

/// Works for some milliseconds.
async fn busy(_: StepContext, n: u32) -> Result<u32, io::Error> {
    let sum: u64 = (0..500_000_u64).map(std::hint::black_box).sum();
    Ok(n + u32::try_from(sum % 2).unwrap_or(0))
}

fn builder(probe: &Probe, accounting: CpuAccounting) -> PipelineBuilder {
    Pipeline::builder("p").telemetry(probe.instruments()).cpu_accounting(accounting)
}

fn scope(probe: &Probe, resource: &str, scope: &str) -> Option<f64> {
    let labels = [("resource", resource), ("scope", scope)];
    probe.registry.snapshot().value("telemetry_attribution", labels)
}

fn percent(probe: &Probe) -> Option<f64> {
    probe.registry.snapshot().value("pipeline_cpu_percent", [("pipeline_name", "p")])
}

#[test]
#[cfg(target_os = "linux")]
fn it_is_said_whose_figures_they_are() {
    let probe = Probe::new();
    let pipeline = builder(&probe, CpuAccounting::Sampled).step("s", same).build().unwrap();
    let said = |resource| {
        ["pipeline", "process", "off"].map(|scope| self::scope(&probe, resource, scope).unwrap())
    };
    assert_eq!(said("cpu"), [1.0, 0.0, 0.0]);
    assert_eq!(said("memory"), [0.0, 1.0, 0.0]);
    let resources = pipeline.resources();
    assert_eq!(resources.cpu_scope(), AttributionScope::Pipeline);
    assert_eq!(resources.memory_scope(), AttributionScope::Process);
}

#[test]
#[cfg(target_os = "linux")]
fn the_counter_is_what_the_pipeline_says_it_used() {
    let probe = Probe::new();
    let pipeline = builder(&probe, CpuAccounting::EveryPoll).step("s", busy).build().unwrap();
    let mut last = 0.0;
    for _ in 0..3 {
        pipeline.run(1).now_or_never().unwrap().unwrap();
        let seconds = probe.value("pipeline_cpu_seconds_total", &[]);
        assert!(seconds > last, "{seconds} after {last}");
        last = seconds;
        let cpu = pipeline.resources().cpu.unwrap();
        assert!((cpu.time.as_secs_f64() - seconds).abs() < 1e-8, "{cpu:?} {seconds}");
        assert_eq!(cpu.coverage, 1.0);
    }
}

#[test]
fn cpu_time_that_is_not_measured_is_absent_or_zero() {
    let probe = Probe::new();
    let pipeline = builder(&probe, CpuAccounting::Off).step("s", busy).build().unwrap();
    pipeline.run(1).now_or_never().unwrap().unwrap();
    assert_eq!(pipeline.resources().cpu, None);
    assert_eq!(probe.value("pipeline_cpu_seconds_total", &[]), 0.0);
    assert_eq!(percent(&probe), None);
    assert_eq!(scope(&probe, "cpu", "off"), Some(1.0));
}

#[test]
fn a_pipeline_without_telemetry_is_not_measured() {
    let pipeline = Pipeline::builder("p").step("s", busy).enable_telemetry(false).build().unwrap();
    pipeline.run(1).now_or_never().unwrap().unwrap();
    assert_eq!(pipeline.resources().cpu, None);
    assert!(matches!(pipeline.resources().memory, MemoryUsage::Process { .. }));
}

#[test]
#[cfg(target_os = "linux")]
fn switching_off_reaches_pipelines_that_are_built() {
    let probe = Probe::new();
    let pipeline = builder(&probe, CpuAccounting::EveryPoll).step("s", busy).build().unwrap();
    probe.registry.set_enabled(false);
    pipeline.run(1).now_or_never().unwrap().unwrap();
    assert_eq!(pipeline.resources().cpu.unwrap().time, Duration::ZERO);
    probe.registry.set_enabled(true);
    pipeline.run(1).now_or_never().unwrap().unwrap();
    assert!(pipeline.resources().cpu.unwrap().time > Duration::ZERO);
}

#[test]
#[cfg(target_os = "linux")]
fn the_share_is_over_the_time_since_the_last_reading_of_at_least_a_second_ago() {
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(clock.clone()).memory(100).build();
    let probe = Probe { registry: Registry::new(), tracer };
    let pipeline = builder(&probe, CpuAccounting::EveryPoll).step("s", busy).build().unwrap();
    pipeline.run(1).now_or_never().unwrap().unwrap();
    clock.advance(SECOND / 2);
    let used = pipeline.resources().cpu.unwrap().time.as_secs_f64();
    let close = |percent: f64, wanted: f64| (percent - wanted).abs() < 1e-6 * (1.0 + wanted);
    // Since the build, which is not a second ago.
    assert!(close(percent(&probe).unwrap(), 100.0 * used / 0.5));
    clock.advance(SECOND / 2);
    assert!(close(percent(&probe).unwrap(), 100.0 * used));
    // Too soon for another one.
    clock.advance(SECOND / 2);
    assert!(close(percent(&probe).unwrap(), 100.0 * used));
    clock.advance(SECOND / 2);
    assert_eq!(percent(&probe), Some(0.0));
}

#[test]
#[cfg(target_os = "linux")]
fn pipelines_of_one_name_share_the_share_and_the_memory_of_the_process() {
    let probe = Probe::new();
    let build = || builder(&probe, CpuAccounting::EveryPoll).step("s", busy).build().unwrap();
    let pipelines = [build(), build()];
    for pipeline in &pipelines {
        pipeline.run(1).now_or_never().unwrap().unwrap();
    }
    let used = pipelines.each_ref().map(|pipeline| pipeline.resources().cpu.unwrap().time);
    let seconds = probe.value("pipeline_cpu_seconds_total", &[]);
    assert!(((used[0] + used[1]).as_secs_f64() - seconds).abs() < 1e-8, "{used:?} {seconds}");
    // Counted once, though there are two.
    let bytes = probe.value("pipeline_memory_bytes", &[]);
    let MemoryUsage::Process { resident: Some(resident) } = pipelines[0].resources().memory else {
        panic!("{:?}", pipelines[0].resources())
    };
    assert!(bytes > 0.0 && bytes < 1.5 * resident as f64, "{bytes} {resident}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipeline_that_is_gone_leaves_its_cpu_time_and_uses_nothing() {
    let probe = Probe::new();
    let pipeline = builder(&probe, CpuAccounting::EveryPoll).step("s", busy).build().unwrap();
    pipeline.run(1).now_or_never().unwrap().unwrap();
    let used = pipeline.resources().cpu.unwrap().time.as_secs_f64();
    drop(pipeline);
    let seconds = probe.value("pipeline_cpu_seconds_total", &[]);
    assert!(used > 0.0 && (seconds - used).abs() < 1e-8, "{seconds} {used}");
    assert_eq!(percent(&probe), Some(0.0));
    assert_eq!(probe.value("pipeline_memory_bytes", &[]), 0.0);
}

#[tokio::test]
async fn work_on_a_blocking_thread_is_a_part_of_the_step() {
    let probe = Probe::new();
    let tracer = probe.tracer.clone();
    let step = move |ctx: StepContext, n: u32| {
        let inner = tracer.clone();
        async move {
            let outer = ctx.span().context();
            let work = move || {
                assert_eq!(SpanContext::current(), Some(outer));
                inner.start("blocking").end();
                n + 1
            };
            ctx.spawn_blocking(work).await
        }
    };
    let pipeline = builder(&probe, CpuAccounting::Sampled).step("s", step).build().unwrap();
    assert_eq!(pipeline.run(1).await.unwrap().output, 2);
    assert_eq!(probe.spans().tree(), "p > s (blocking)");
    assert_eq!(SpanContext::current(), None);
}

#[tokio::test]
async fn work_that_panics_on_a_blocking_thread_is_an_error_of_the_task() {
    let probe = Probe::new();
    let step = |ctx: StepContext, n: u32| async move {
        ctx.spawn_blocking(move || assert!(n > 1, "a test")).await
    };
    let pipeline = builder(&probe, CpuAccounting::Sampled).step("s", step).build().unwrap();
    assert!(pipeline.run(1).await.is_err());
    assert!(pipeline.run(2).await.is_ok());
}

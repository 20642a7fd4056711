//! Pipelines inside steps of other pipelines.

use ia_metrics_core::Registry;
use ia_pipeline::{CpuAccounting, MemoryTotals, MemoryUsage, Pipeline, StepContext};

use super::work::Burner;

pub(crate) fn memory<I, O>(pipeline: &Pipeline<I, O>) -> MemoryTotals {
    match pipeline.resources().memory {
        MemoryUsage::Pipeline(totals) => totals,
        other => panic!("no tracking allocator: {other:?}"),
    }
}

#[tokio::test]
async fn a_pipeline_inside_a_step_counts_for_itself_alone() {
    for accounting in [CpuAccounting::Sampled, CpuAccounting::EveryPoll] {
        let burner = Burner::calibrated();
        let inner = Pipeline::builder("inner")
            .step("i", move |_: StepContext, n: u32| async move {
                burner.micros(60_000);
                Ok::<_, std::io::Error>(vec![n; 1_000_000])
            })
            .telemetry(Registry::new())
            .cpu_accounting(accounting)
            .build()
            .unwrap();
        let used = inner.clone();
        let outer = Pipeline::builder("outer")
            .step("o", move |_: StepContext, n: u32| {
                let inner = used.clone();
                async move {
                    burner.micros(20_000);
                    let run = inner.run(n).await;
                    burner.micros(20_000);
                    run.map(|run| run.output)
                }
            })
            .telemetry(Registry::new())
            .cpu_accounting(accounting)
            .build()
            .unwrap();
        let run = outer.run(1).await.unwrap();
        let (inner_memory, outer_memory) = (memory(&inner), memory(&outer));
        assert!(inner_memory.live >= 4_000_000, "{inner_memory:?}");
        assert!(outer_memory.allocated < 1_000_000, "{outer_memory:?}");
        drop(run);
        assert!(memory(&inner).live < 100_000, "{:?}", memory(&inner));
        let (inner, outer) = (inner.resources().cpu.unwrap(), outer.resources().cpu.unwrap());
        let ratio = inner.time.as_secs_f64() / outer.time.as_secs_f64();
        assert!((1.2..1.8).contains(&ratio), "{inner:?} {outer:?}");
    }
}

#[tokio::test]
async fn short_polls_inside_short_polls_count_for_themselves_alone_where_few_are_measured() {
    let burner = Burner::calibrated();
    let inner = Pipeline::builder("inner")
        .step("i", move |_: StepContext, n: u32| async move {
            burner.micros(60);
            Ok::<_, std::io::Error>(n)
        })
        .telemetry(Registry::new())
        .build()
        .unwrap();
    let used = inner.clone();
    let outer = Pipeline::builder("outer")
        .step("o", move |_: StepContext, n: u32| {
            let inner = used.clone();
            async move {
                for _ in 0..2_000 {
                    burner.micros(60);
                    inner.run(n).await?;
                    tokio::task::yield_now().await;
                }
                Ok::<_, ia_pipeline::RunError>(n)
            }
        })
        .telemetry(Registry::new())
        .build()
        .unwrap();
    outer.run(1).await.unwrap();
    let (inner, outer) = (inner.resources().cpu.unwrap(), outer.resources().cpu.unwrap());
    // The outer one's is a little more, as the engine that runs the inner one is a part of it. Counted twice, it would be
    // more than twice as much.
    let ratio = outer.time.as_secs_f64() / inner.time.as_secs_f64();
    assert!((0.9..1.8).contains(&ratio), "{inner:?} {outer:?}");
}

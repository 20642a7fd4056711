//! Whose memory is whose.

use std::io;

use ia_metrics_core::Registry;
use ia_pipeline::{AttributionScope, Pipeline, StepContext};

use super::nested::memory;

const MIB: u64 = 1 << 20;

/// A pipeline that gives what a function makes of a number of bytes.
fn making<T: Clone + Send + Sync + 'static>(
    make: impl Fn(usize) -> T + Send + Sync + Clone + 'static,
) -> Pipeline<usize, T> {
    let step = move |_: StepContext, bytes: usize| {
        let make = make.clone();
        async move { Ok::<_, io::Error>(make(bytes)) }
    };
    Pipeline::builder("p").step("s", step).telemetry(Registry::new()).build().unwrap()
}

#[tokio::test]
async fn memory_is_the_pipelines_until_it_is_freed_wherever_that_is() {
    let pipeline = making(|bytes| vec![1_u8; bytes]);
    assert_eq!(pipeline.resources().memory_scope(), AttributionScope::Pipeline);
    assert_eq!(memory(&pipeline).allocated, 0);
    let run = pipeline.run(1 << 20).await.unwrap();
    let live = memory(&pipeline).live;
    assert!((MIB..MIB + 4_096).contains(&live), "{live}");
    std::thread::spawn(move || drop(run)).join().unwrap();
    let after = memory(&pipeline);
    assert!(after.live < 4_096, "{after:?}");
    assert!(after.allocated >= MIB && after.peak >= MIB && after.allocations >= 1, "{after:?}");
}

#[tokio::test]
async fn memory_that_nobody_allocated_in_a_step_is_nobodys() {
    let pipeline = making(|bytes| bytes);
    let before = vec![1_u8; 1 << 20];
    pipeline.run(1).await.unwrap();
    let after = vec![1_u8; 1 << 20];
    assert!(memory(&pipeline).allocated < 4_096, "{:?}", memory(&pipeline));
    drop((before, after));
    assert!(memory(&pipeline).live < 4_096, "{:?}", memory(&pipeline));
}

#[tokio::test]
async fn memory_of_what_a_step_spawned_is_the_pipelines() {
    let step = |ctx: StepContext, bytes: usize| async move {
        let spawned = ctx.spawn(async move { vec![1_u8; bytes] });
        let blocking = ctx.spawn_blocking(move || vec![1_u8; bytes]);
        Ok::<_, tokio::task::JoinError>((spawned.await?, blocking.await?))
    };
    let pipeline =
        Pipeline::builder("p").step("s", step).telemetry(Registry::new()).build().unwrap();
    let run = pipeline.run(1 << 20).await.unwrap();
    let live = memory(&pipeline).live;
    assert!((2 * MIB..2 * MIB + 16_384).contains(&live), "{live}");
    drop(run);
    assert!(memory(&pipeline).live < 16_384, "{:?}", memory(&pipeline));
}

#[tokio::test]
async fn what_grows_goes_over_to_whoever_lets_it_grow_and_what_shrinks_stays() {
    let pipeline = making(|bytes| vec![1_u8; bytes]);
    let mut output = pipeline.run(1 << 20).await.unwrap().output;
    output.truncate(1 << 19);
    output.shrink_to_fit();
    let live = memory(&pipeline).live;
    assert!((MIB / 2..MIB / 2 + 4_096).contains(&live), "{live}");
    output.reserve_exact(1 << 22);
    assert!(memory(&pipeline).live < 4_096, "{:?}", memory(&pipeline));
    drop(output);
    assert!(memory(&pipeline).live < 4_096, "{:?}", memory(&pipeline));
}

#[tokio::test]
async fn what_is_resized_counts_as_allocated_anew() {
    let pipeline = making(|bytes| {
        let mut output = Vec::with_capacity(16);
        (0..bytes).for_each(|_| output.push(1_u8));
        output
    });
    let run = pipeline.run(1 << 20).await.unwrap();
    let totals = memory(&pipeline);
    // It doubles from 16 bytes on.
    assert!((2 * MIB - 16..2 * MIB + 4_096).contains(&totals.allocated), "{totals:?}");
    assert!((17..30).contains(&totals.allocations), "{totals:?}");
    assert!((MIB..MIB + 4_096).contains(&totals.live), "{totals:?}");
    drop(run);
}

#[tokio::test]
async fn the_peak_is_the_most_that_was_there_at_a_time() {
    let pipeline = making(|bytes| {
        for _ in 0..10 {
            drop((0..8).map(|_| vec![1_u8; bytes / 8]).collect::<Vec<_>>());
        }
    });
    pipeline.run(8 << 20).await.unwrap();
    let totals = memory(&pipeline);
    // Each thread may have 64 KiB that were not looked at.
    assert!((8 * MIB - 65_536..8 * MIB + 4_096).contains(&totals.peak), "{totals:?}");
    assert!(totals.allocated >= 80 * MIB && totals.live < 4_096, "{totals:?}");
}

#[tokio::test]
async fn the_peak_is_found_where_one_thread_allocates_what_another_frees() {
    let pipeline = making(|bytes| vec![1_u8; bytes]);
    for _ in 0..100 {
        let run = pipeline.run(1 << 20).await.unwrap();
        std::thread::spawn(move || drop(run)).join().unwrap();
    }
    let totals = memory(&pipeline);
    assert!((MIB - 65_536..2 * MIB).contains(&totals.peak), "{totals:?}");
    assert!(totals.live < 65_536 && totals.allocated >= 100 * MIB, "{totals:?}");
}

#[tokio::test]
async fn memory_of_any_alignment_is_zeroed_moved_and_counted() {
    #[derive(Clone)]
    #[repr(align(4096))]
    struct Page([u8; 4_096]);

    #[derive(Clone)]
    #[repr(align(64))]
    struct Line(u8);

    let pipeline = making(|many| {
        let (mut lines, mut words) = (Vec::new(), Vec::new());
        for number in 0..many {
            lines.push(Line(number.to_le_bytes()[0]));
            words.push(number);
        }
        (lines, words, vec![0_u64; many], vec![Page([7; 4_096]); 3])
    });
    let run = pipeline.run(1_001).await.unwrap();
    let (lines, words, zeroes, pages) = &run.output;
    assert!(
        lines.as_ptr().addr().is_multiple_of(64) && pages.as_ptr().addr().is_multiple_of(4_096)
    );
    let lines = lines.iter().enumerate();
    assert!(lines.clone().all(|(number, line)| line.0 == number.to_le_bytes()[0]));
    assert!(words.iter().enumerate().all(|(number, word)| *word == number));
    assert!(zeroes.iter().all(|word| *word == 0));
    assert!(pages.iter().all(|page| page.0.iter().all(|byte| *byte == 7)));
    drop(run);
    assert!(memory(&pipeline).live < 4_096, "{:?}", memory(&pipeline));
}

#[tokio::test]
async fn a_pipeline_built_after_another_is_gone_begins_at_nothing() {
    for _ in 0..10_000 {
        let pipeline = making(|bytes| vec![1_u8; bytes]);
        pipeline.run(1_000).await.unwrap();
        let totals = memory(&pipeline);
        // More pipelines than there can be at a time: numbers of those that are gone are used again.
        assert!((1_000..100_000).contains(&totals.allocated), "{totals:?}");
    }
}

#[tokio::test]
async fn memory_that_outlives_its_pipeline_is_not_the_next_ones() {
    let pipeline = making(|bytes| vec![1_u8; bytes]);
    let run = pipeline.run(1 << 20).await.unwrap();
    drop(pipeline);
    let next: Vec<_> = (0..100).map(|_| making(|bytes| bytes)).collect();
    drop(run);
    for pipeline in next {
        pipeline.run(1).await.unwrap();
        let totals = memory(&pipeline);
        assert!(totals.live < 4_096 && totals.allocated < 100_000, "{totals:?}");
    }
}

#[tokio::test]
async fn what_a_thread_frees_as_it_ends_is_counted() {
    use std::cell::RefCell;
    thread_local! {
        static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }
    let pipeline = making(|bytes| vec![1_u8; bytes]);
    let output = pipeline.run(1 << 20).await.unwrap().output;
    let kept = std::thread::spawn(move || {
        // Made before anything of ours on this thread, so dropped after it.
        KEPT.with(|kept| kept.borrow_mut().push(output));
        drop(vec![1_u8; 100]);
    });
    kept.join().unwrap();
    assert!(memory(&pipeline).live < 4_096, "{:?}", memory(&pipeline));
}

#[tokio::test]
async fn nothing_is_charged_after_work_that_panicked() {
    let step = |ctx: StepContext, _: u32| async move {
        let task = ctx.spawn(async { assert!(std::hint::black_box(1) > 2, "a test") });
        Ok::<_, io::Error>(task.await.is_err())
    };
    let pipeline =
        Pipeline::builder("p").step("s", step).telemetry(Registry::new()).build().unwrap();
    assert!(pipeline.run(1).await.unwrap().output);
    let before = memory(&pipeline).allocated;
    drop(std::hint::black_box(vec![1_u8; 1 << 20]));
    assert_eq!(memory(&pipeline).allocated, before);
}

#[test]
fn the_peak_is_found_on_a_thread_that_freed_more_than_it_allocated() {
    let pipeline = Pipeline::builder("p")
        .step("s", |_: StepContext, (bytes, keep): (usize, bool)| async move {
            let made = vec![1_u8; bytes];
            Ok::<_, io::Error>(if keep { made } else { Vec::new() })
        })
        .telemetry(Registry::new())
        .build()
        .unwrap();
    let run = |bytes, keep| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(pipeline.run((bytes, keep))).unwrap().output
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..8 {
                drop(scope.spawn(|| run(1 << 20, true)).join().unwrap());
            }
            // It has 5 MiB now, more than ever before, and yet less than it freed.
            drop(run(5 << 20, false));
        });
    });
    let totals = memory(&pipeline);
    assert!(totals.peak >= 5 * MIB - 2 * 65_536, "{totals:?}");
}

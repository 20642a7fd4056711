//! Allocated bytes against what valgrind's DHAT counts.
//!
//! `cargo test -p ia-pipeline --test attribution -- --ignored dhat --nocapture`

use std::io;
use std::process::Command;

use ia_metrics_core::Registry;
use ia_pipeline::{Pipeline, StepContext};

use super::child;
use super::nested::memory;

/// As close as a pipeline's bytes are to those that DHAT counts.
const TOLERANCE: f64 = 0.05;
/// What a block's owner takes: DHAT counts what is asked of the C library.
const OWNER: u64 = 2;

/// DHAT sees the whole process. So the same is run with much work and with none, and what differs is compared: the child's
/// start, its runtime and its pipeline are the same in both.
#[test]
#[ignore = "takes valgrind: `cargo xtask test` gets it, and runs this"]
fn allocated_bytes_are_those_that_dhat_counts() {
    let ([none, none_blocks], base) = under_dhat(0);
    let ([much, much_blocks], all) = under_dhat(300);
    let (bytes, blocks) = (all.bytes - base.bytes, all.blocks - base.blocks);
    let counted = bytes - OWNER * blocks;
    let (attributed, allocations) = (much - none, much_blocks - none_blocks);
    let error = attributed as f64 / counted as f64 - 1.0;
    println!(
        "attributed {attributed} bytes in {allocations} blocks; DHAT {counted} in {blocks}, without {} for owners: {:+.2} %",
        bytes - counted,
        100.0 * error
    );
    assert!(attributed > 10_000_000, "{attributed}");
    assert!(error.abs() <= TOLERANCE);
}

struct Counted {
    bytes: u64,
    blocks: u64,
}

/// What the child says of its pipeline, and what DHAT says of the child.
fn under_dhat(rounds: u32) -> ([u64; 2], Counted) {
    let out = std::env::temp_dir().join(format!("ia-dhat-{}-{rounds}.json", std::process::id()));
    let valgrind = std::env::var_os("IA_VALGRIND").unwrap_or_else(|| "valgrind".into());
    let mut command = Command::new(valgrind);
    command.arg("--tool=dhat").arg(format!("--dhat-out-file={}", out.display()));
    command.arg(std::env::current_exe().unwrap());
    child::as_child(&mut command, &format!("memory {rounds}"));
    let answer = child::run::<u64>(command);
    let text = std::fs::read_to_string(&out).unwrap();
    std::fs::remove_file(&out).unwrap();
    let profile: serde_json::Value = serde_json::from_str(&text).unwrap();
    let points = profile["pps"].as_array().unwrap();
    let total = |key: &str| points.iter().map(|point| point[key].as_u64().unwrap()).sum();
    (answer.try_into().unwrap(), Counted { bytes: total("tb"), blocks: total("tbk") })
}

/// What the child does: texts, maps, vectors that grow and shrink, boxes; some kept, some not.
pub(crate) fn scenario(rounds: u32) {
    let step = |_: StepContext, rounds: u32| async move {
        let mut kept = Vec::new();
        for round in 0..rounds {
            let words: Vec<String> = (0..200).map(|word| format!("{word}-{round}")).collect();
            let lengths: std::collections::HashMap<&str, usize> =
                words.iter().map(|word| (word.as_str(), word.len())).collect();
            let boxes: Vec<Box<[u64; 8]>> = (0..100).map(|n| Box::new([n; 8])).collect();
            let grown: Vec<usize> =
                lengths.values().copied().filter(|length| *length > 0).collect();
            assert_eq!(grown.len(), words.len());
            let mut text = words.join(" ").repeat(20);
            text.truncate(lengths.len() * boxes.len());
            text.shrink_to_fit();
            kept.push(text);
            kept.truncate(10);
            tokio::task::yield_now().await;
        }
        Ok::<_, io::Error>(kept)
    };
    let pipeline =
        Pipeline::builder("p").step("s", step).telemetry(Registry::new()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(pipeline.run(rounds)).unwrap();
    let totals = memory(&pipeline);
    child::answer(&[totals.allocated, totals.allocations]);
}

//! Observing through a handle. For work on the core; `cargo xtask bench peers` has the figures to quote.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use ia_metrics_core::{HistogramDesc, Observed, Registry};

const FLOATS: HistogramDesc<0> = HistogramDesc::new("floats", "Observed.", []);
const INTEGERS: HistogramDesc<0, u64> =
    HistogramDesc::new("integers", "Observed.", []).buckets(&[1.0, 10.0, 100.0, 1_000.0]);
const DURATIONS: HistogramDesc<0, Duration> =
    HistogramDesc::seconds("durations_seconds", "Observed.", []);

/// From 1 ms to 20 s over their logarithm, in an order that no branch predictor learns.
fn seconds() -> impl Iterator<Item = f64> {
    let mut state = 42_u64;
    (0..2_048).map(move |_| {
        // Knuth's MMIX generator; its upper bits are good enough for this.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.001 * 20_000_f64.powf((state >> 11) as f64 / (1_u64 << 53) as f64)
    })
}

fn histogram(criterion: &mut Criterion) {
    observe(criterion, "f64", &FLOATS, seconds().collect());
    let milliseconds = seconds().map(|seconds| {
        u64::try_from(Duration::from_secs_f64(seconds).as_millis()).unwrap_or(u64::MAX)
    });
    observe(criterion, "u64", &INTEGERS, milliseconds.collect());
    observe(criterion, "Duration", &DURATIONS, seconds().map(Duration::from_secs_f64).collect());
}

fn observe<V: Observed>(
    criterion: &mut Criterion,
    name: &str,
    desc: &HistogramDesc<0, V>,
    values: Vec<V>,
) {
    let histogram = Registry::new().histogram(desc).get();
    let mut values = values.into_iter().cycle();
    criterion.benchmark_group("histogram").bench_function(name, |bencher| {
        bencher.iter(|| {
            if let Some(value) = values.next() {
                black_box(&histogram).observe(black_box(value));
            }
        });
    });
}

criterion_group!(benches, histogram);
criterion_main!(benches);

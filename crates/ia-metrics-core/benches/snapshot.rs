//! Taking a snapshot. For work on the core; `cargo xtask bench peers` has the figures to quote.

use criterion::{Criterion, criterion_group, criterion_main};
use ia_metrics_core::{Counter, CounterDesc, Histogram, HistogramDesc, Registry};

const COUNTERS: CounterDesc<1> =
    CounterDesc::new("counters_total", "Counted.", ["number"]).series_limit(1_000_000);
const HISTOGRAMS: HistogramDesc<1> =
    HistogramDesc::new("histograms", "Observed.", ["number"]).series_limit(1_000_000);

fn snapshot(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("snapshot");
    let numbers = || (0..10_000).map(|number| number.to_string());

    let registry = Registry::new();
    let family = registry.counter(&COUNTERS);
    let counters: Vec<Counter> = numbers().map(|number| family.with([number])).collect();
    group.bench_function("10,000 counters, nothing new", |bencher| {
        bencher.iter(|| registry.snapshot());
    });
    group.bench_function("10,000 counters, each counted", |bencher| {
        bencher.iter(|| {
            counters.iter().for_each(Counter::inc);
            registry.snapshot()
        });
    });

    let registry = Registry::new();
    let family = registry.histogram(&HISTOGRAMS);
    let histograms: Vec<Histogram> = numbers().map(|number| family.with([number])).collect();
    group.bench_function("10,000 histograms, each observed", |bencher| {
        bencher.iter(|| {
            histograms.iter().for_each(|histogram| histogram.observe(0.3));
            registry.snapshot()
        });
    });
}

criterion_group!(benches, snapshot);
criterion_main!(benches);

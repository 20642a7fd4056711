//! Counting through a handle. For work on the core; `cargo xtask bench peers` has the figures to quote.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ia_metrics_core::{Counter, CounterDesc, Registry};

const COUNTER: CounterDesc<0> = CounterDesc::new("counted_total", "Counted.", []);

fn counter(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("counter");
    let registry = Registry::new();
    let counter = registry.counter(&COUNTER).get();
    group.bench_function("inc", |bencher| bencher.iter(|| black_box(&counter).inc()));
    group.bench_function("add", |bencher| {
        bencher.iter(|| black_box(&counter).add(black_box(7)));
    });

    registry.set_enabled(false);
    group.bench_function("inc, switched off", |bencher| bencher.iter(|| black_box(&counter).inc()));
    registry.set_enabled(true);

    let counters = many();
    let mut turn = 0;
    group.bench_function("inc, 16 counters in turn", |bencher| {
        bencher.iter(|| {
            turn = (turn + 1) % counters.len();
            black_box(&counters[turn]).inc();
        });
    });
}

fn many() -> Vec<Counter> {
    const MANY: CounterDesc<1> = CounterDesc::new("many_total", "Counted.", ["number"]);
    let family = Registry::new().counter(&MANY);
    (0..16).map(|number| family.with([number.to_string()])).collect()
}

criterion_group!(benches, counter);
criterion_main!(benches);

//! Finding a series by its labels. For work on the core; `cargo xtask bench peers` has the figures to quote.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ia_metrics_core::{Counter, CounterDesc, Family, Registry};

const REQUESTS: CounterDesc<2> =
    CounterDesc::new("http_requests_total", "Requests.", ["route", "method"])
        .series_limit(1_000_000);
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

fn routes(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("/api/v1/items/{}", 10_000 + i)).collect()
}

fn labels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("labels");
    for series in [100, 10_000] {
        let family = Registry::new().counter(&REQUESTS);
        let routes = routes(series / METHODS.len());
        all(&family, &routes);
        let mut turn = 0_usize;
        group.bench_function(format!("with().inc(), {series} series"), |bencher| {
            bencher.iter(|| {
                // An odd step that shares no factor with either count: every series, in no simple order.
                turn = turn.wrapping_add(7_919);
                let route = &routes[(turn / METHODS.len()) % routes.len()];
                let method = METHODS[turn % METHODS.len()];
                family.with([black_box(route.as_str()), black_box(method)]).inc();
            });
        });
    }
    let routes = routes(2_500);
    group.bench_function("with(), 10,000 new series", |bencher| {
        let fresh = || Registry::new().counter(&REQUESTS);
        bencher.iter_batched_ref(fresh, |family| all(family, &routes), BatchSize::LargeInput);
    });
}

fn all(family: &Family<Counter, 2>, routes: &[String]) {
    for route in routes {
        for method in METHODS {
            family.with([route.as_str(), method]).inc();
        }
    }
}

criterion_group!(benches, labels);
criterion_main!(benches);

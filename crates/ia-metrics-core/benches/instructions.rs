//! One operation, as often as asked, for callgrind to count: `instructions OPERATION TURNS`.
//!
//! `cargo xtask bench instructions` runs it twice, the second time with twice the turns; the difference is what the
//! operation costs.

#![expect(clippy::print_stderr, reason = "a program for the terminal")]

use std::env;
use std::hint::black_box;

use ia_metrics_core::{CounterDesc, HistogramDesc, Registry};

const COUNTER: CounterDesc<0> = CounterDesc::new("counted_total", "Counted.", []);
const HISTOGRAM: HistogramDesc<0> = HistogramDesc::new("observed", "Observed.", []);
const REQUESTS: CounterDesc<2> =
    CounterDesc::new("http_requests_total", "Requests.", ["route", "method"]);

fn main() {
    let mut arguments = env::args().skip(1);
    let operation = arguments.next().unwrap_or_default();
    let turns = arguments.next().and_then(|turns| turns.parse().ok()).unwrap_or(0);
    match operation.as_str() {
        "nothing" => nothing(turns),
        "counter" => counter(turns),
        "histogram" => histogram(turns),
        "labels" => labels(turns),
        // `cargo bench` runs every benchmark, with arguments of its own.
        _ => eprintln!("run by `cargo xtask bench instructions`"),
    }
}

/// The loop alone.
fn nothing(turns: u64) {
    for turn in 0..turns {
        black_box(turn);
    }
}

fn counter(turns: u64) {
    let counter = Registry::new().counter(&COUNTER).get();
    for _ in 0..turns {
        black_box(&counter).inc();
    }
}

fn histogram(turns: u64) {
    let histogram = Registry::new().histogram(&HISTOGRAM).get();
    // One value for each of the default bounds and one beyond.
    let values = [0.004, 0.008, 0.02, 0.04, 0.08, 0.2, 0.4, 0.8, 2.0, 4.0, 8.0, 16.0];
    for value in values.iter().cycle().take(usize::try_from(turns).unwrap_or(usize::MAX)) {
        black_box(&histogram).observe(*black_box(value));
    }
}

fn labels(turns: u64) {
    let family = Registry::new().counter(&REQUESTS);
    let routes: Vec<String> = (10_000..10_025).map(|i| format!("/api/v1/items/{i}")).collect();
    let methods = ["GET", "POST", "PUT", "DELETE"];
    let pairs: Vec<[&str; 2]> =
        routes.iter().flat_map(|route| methods.map(|method| [route.as_str(), method])).collect();
    for pair in pairs.iter().cycle().take(usize::try_from(turns).unwrap_or(usize::MAX)) {
        black_box(&family).with(*black_box(pair)).inc();
    }
}

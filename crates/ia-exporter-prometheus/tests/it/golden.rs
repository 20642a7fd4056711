//! The text, byte for byte, beside files that were checked with `promtool check metrics`.

use std::path::Path;
use std::time::Duration;

use ia_exporter_prometheus::{
    CounterDesc, GaugeDesc, HistogramDesc, PrometheusExporter, Registry, SummaryDesc,
};
use ia_metrics_core::{Scale, Unit};

const COST: CounterDesc<1> = CounterDesc::new("cost_usd_total", "Money spent.", ["model"])
    .unit(Unit::Usd)
    .scale(Scale::NANO);
const DEPTH: GaugeDesc<0> = GaugeDesc::new("depth", "Above, or below, the sea.", []);
const HOSTILE: CounterDesc<2> =
    CounterDesc::new("hostile_total", "A backslash \\, two\nlines, \"quotes\".", ["kind", "value"]);
const LATENCY: HistogramDesc<1, Duration> =
    HistogramDesc::seconds("latency_seconds", "Time to answer.", ["route"])
        .buckets(&[0.005, 0.01, 0.1, 1.0, 10.0]);
const LOSS: GaugeDesc<1, f64> = GaugeDesc::new("loss", "Loss of the last batch.", ["model"]);
const OFFSET: HistogramDesc<0> =
    HistogramDesc::new("offset", "Distance from the target.", []).buckets(&[-2.5, -1.0, 0.0, 1e20]);
const RUNS: CounterDesc<1> = CounterDesc::new("runs_total", "Runs.", ["status"]).series_limit(2);
const SCORE: SummaryDesc<1> = SummaryDesc::new("score", "How good the answers were.", ["judge"]);
const UNUSED: CounterDesc<1> = CounterDesc::new("unused_total", "Without series.", ["status"]);

fn registry() -> Registry {
    let registry = Registry::new();
    let cost = registry.counter(&COST);
    cost.with(["small"]).add(2_602_500);
    cost.with(["large"]).add(12_000_000_000);
    registry.gauge(&DEPTH).get().set(-11);
    let hostile = [
        ("quotes", "say \"hi\""),
        ("newline", "two\nlines"),
        ("backslash", r"C:\new\"),
        ("carriage return", "a\rb\r\nc"),
        ("emoji", "👩\u{200d}🔬 é"),
        ("end of file", "# EOF"),
        ("markup", "</script><b>&amp;"),
        ("braces", "} 1\n{a=\"b\"}"),
        ("nothing", ""),
        ("control", "tab\t, bell \u{7}"),
    ];
    for (count, (kind, value)) in (1..).zip(hostile) {
        registry.counter(&HOSTILE).with([kind, value]).add(count);
    }
    let latency = registry.histogram(&LATENCY);
    for micros in [1, 5_000, 5_001, 250_000, 99_000_000] {
        latency.with(["/a"]).observe(Duration::from_micros(micros));
    }
    drop(latency.with(["/unused"]));
    for (model, loss) in [("a", 0.1), ("b", -1e-9), ("c", 0.0), ("d", 123_456_789.25), ("e", 1e300)]
    {
        registry.gauge(&LOSS).with([model]).set(loss);
    }
    let offset = registry.histogram(&OFFSET).get();
    [-3.0, -2.5, -0.5, 0.0, 7.25, 1e21].into_iter().for_each(|value| offset.observe(value));
    for status in ["success", "error", "cancelled", "paused"] {
        registry.counter(&RUNS).with([status]).inc();
    }
    let score = registry.summary(&SCORE);
    (0..4).for_each(|_| score.with(["strict"]).observe(0.625));
    drop(score.with(["absent"]));
    drop(registry.counter(&UNUSED));
    registry
}

fn compare(exporter: &PrometheusExporter, golden: &str, name: &str) {
    let rendered = exporter.render(&registry().snapshot());
    if rendered != golden {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, &rendered).unwrap();
        panic!("tests/golden/{name} differs; if it should, copy {} over it", path.display());
    }
}

#[test]
fn every_kind_of_metric_is_written_as_in_the_file() {
    compare(&PrometheusExporter::new(), include_str!("../golden/text.txt"), "text.txt");
}

#[test]
fn a_prefix_is_on_every_name_as_in_the_file() {
    let exporter = PrometheusExporter::builder().prefix("myapp").build().unwrap();
    compare(&exporter, include_str!("../golden/prefix.txt"), "prefix.txt");
}

//! The parts of the text that a golden file does not show.

use ia_exporter_prometheus::{CounterDesc, GaugeDesc, PrometheusExporter, Registry};

const RUNS: CounterDesc<1> = CounterDesc::new("runs_total", "Runs.", ["status"]);

#[test]
fn nothing_renders_as_nothing() {
    let registry = Registry::new();
    assert_eq!(PrometheusExporter::new().render(&registry.snapshot()), "");
    drop(registry.counter(&RUNS));
    assert_eq!(PrometheusExporter::new().render(&registry.snapshot()), "");
}

#[test]
fn rendering_into_a_buffer_appends() {
    const ACTIVE: GaugeDesc<0> = GaugeDesc::new("active", "", []);
    let registry = Registry::new();
    registry.gauge(&ACTIVE).get().set(1);
    let mut text = "before\n".to_owned();
    PrometheusExporter::new().render_into(&registry.snapshot(), &mut text);
    assert_eq!(text, "before\n# TYPE active gauge\nactive 1\n");
}

#[test]
fn a_counter_beyond_what_a_float_holds_is_written_exactly() {
    let registry = Registry::new();
    registry.counter(&RUNS).with(["success"]).add(u64::MAX);
    let text = PrometheusExporter::new().render(&registry.snapshot());
    assert!(text.ends_with("runs_total{status=\"success\"} 18446744073709551615\n"), "{text}");
}

#[test]
fn one_snapshot_renders_the_same_twice() {
    let registry = Registry::new();
    ["b", "a", "c"].into_iter().for_each(|status| registry.counter(&RUNS).with([status]).inc());
    let snapshot = registry.snapshot();
    let exporter = PrometheusExporter::new();
    assert_eq!(exporter.render(&snapshot), exporter.clone().render(&snapshot));
}

//! The builder.

use ia_exporter_prometheus::{ConfigError, CounterDesc, PrometheusExporter, Registry};

fn rendered(prefix: &str) -> String {
    const RUNS: CounterDesc<0> = CounterDesc::new("runs_total", "", []);
    let registry = Registry::new();
    registry.counter(&RUNS).get().inc();
    let exporter = PrometheusExporter::builder().prefix(prefix).build().unwrap();
    exporter.render(&registry.snapshot())
}

#[test]
fn a_prefix_is_joined_by_one_underscore() {
    let expected = "# TYPE myapp_runs_total counter\nmyapp_runs_total 1\n";
    assert_eq!(rendered("myapp"), expected);
    assert_eq!(rendered("myapp_"), expected);
}

#[test]
fn an_empty_prefix_is_none() {
    assert_eq!(rendered(""), "# TYPE runs_total counter\nruns_total 1\n");
}

#[test]
fn a_prefix_may_have_all_that_a_name_may_have() {
    assert!(rendered(":A9").ends_with("\n:A9_runs_total 1\n"));
}

#[test]
fn a_prefix_that_no_name_can_begin_with_is_refused_with_the_remedy() {
    for prefix in ["9lives", "my-app", "my.app", "my app", "é", "a\n", "{"] {
        let error = PrometheusExporter::builder().prefix(prefix).build().unwrap_err();
        assert_eq!(error, ConfigError::InvalidPrefix { prefix: prefix.to_owned() });
        assert!(error.to_string().contains("use letters, digits, underscores and colons"));
    }
}

#[test]
fn an_error_shows_a_hostile_prefix_on_one_line() {
    let error = PrometheusExporter::builder().prefix("a\nb").build().unwrap_err();
    assert!(error.to_string().starts_with(r"prefix `a\nb` cannot be used"), "{error}");
}

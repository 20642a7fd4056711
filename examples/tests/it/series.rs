//! The example `series`.

use super::support::{example, get};
use super::{Process, address};

#[test]
fn serves_as_many_series_as_asked_for_and_ends_when_told_to() {
    // More than the limit of a metric that does not raise it.
    let arguments = ["--series", "2500", "--listen", "127.0.0.1:0"];
    let mut process = Process::start(example("series").args(arguments));
    let page = get(&address(&mut process), "/metrics").unwrap();
    let series = page.lines().filter(|line| line.starts_with("series_total{")).count();
    assert_eq!(series, 2_500);
    assert!(page.contains("series_total{group=\"24\",series=\"2499\"} 2500\n"));
    assert!(!page.contains("otel_metric_overflow"));
    process.signal("INT");
    assert_eq!(process.code(), Some(0), "{process}");
}

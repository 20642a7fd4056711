//! What the guides say of the metrics.

use ia_telemetry::pipeline::catalogue::catalogue;

#[test]
fn the_table_of_metrics_has_each_with_its_kind_and_labels() {
    let guide = include_str!("../../docs/telemetry.md");
    for metric in catalogue() {
        let start = format!("| `{}` | {} | ", metric.name(), metric.kind().as_str());
        let row = guide.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row that begins with {start}"));
        for label in metric.labels() {
            assert!(row.contains(&format!("`{label}`")), "`{label}` is missing in {row}");
        }
    }
    let table = guide
        .split_once("| metric | kind | labels |")
        .and_then(|(_, rest)| rest.split_once("\n\n"));
    let rows = table.unwrap().0.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, catalogue().len(), "a row for a metric that there is not");
}

//! The ledgers of all exporters.

use ia_export::{Ledger, Report, ReportRow, Signal};

fn row(name: &str, signal: Signal, ledger: Ledger) -> ReportRow {
    ReportRow { name: name.to_owned(), signal, ledger }
}

fn delivered(count: u64) -> Ledger {
    Ledger { recorded: count, delivered: count, ..Ledger::default() }
}

#[test]
fn a_report_without_rows_is_complete_and_says_that_nothing_ran() {
    let report = Report::default();
    assert!(report.is_complete());
    assert_eq!(report.to_string(), "no exporter was running");
}

#[test]
fn one_pending_item_makes_the_whole_report_incomplete() {
    let pending = Ledger { recorded: 1, pending: 1, ..Ledger::default() };
    let mut report: Report = [row("otlp", Signal::Spans, delivered(9))].into_iter().collect();
    assert!(report.is_complete());
    report.push("statsd", Signal::Metrics, pending);
    assert!(!report.is_complete());
}

#[test]
fn rows_keep_the_order_in_which_they_came() {
    let mut report = Report::default();
    report.push("b", Signal::Metrics, delivered(1));
    report.extend([row("a", Signal::Spans, delivered(2))]);
    let names: Vec<_> = report.rows().iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
}

#[test]
fn a_report_reads_as_a_table_with_reasons_below() {
    let mut dropping = Ledger { recorded: 1_300, delivered: 1_298, ..Ledger::default() };
    dropping.dropped.insert("rejected", 2);
    let mut report = Report::default();
    report.push("otlp", Signal::Spans, delivered(7));
    report.push("cloudwatch", Signal::Metrics, dropping);
    let expected = "\
exporter    signal   recorded  delivered  pending  ambiguous  dropped
otlp        spans           7          7        0          0        0
cloudwatch  metrics      1300       1298        0          0        2
cloudwatch metrics: 1300 recorded = 1298 delivered + 0 pending + 0 ambiguous + 2 dropped (rejected: 2)";
    assert_eq!(report.to_string(), expected);
}

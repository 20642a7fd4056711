//! Tables for people.

use std::time::Duration;

use ia_overhead_comparison::Baseline;

use crate::counts::Counts;
use crate::row::Row;
use crate::timing::Limits;

/// The rows of one length of step.
pub(crate) fn of_rows(step: Duration, rows: &[Row]) -> String {
    let title = if step.is_zero() { "no-op".to_owned() } else { format!("{step:?}") };
    let head = format!(
        "\n## steps of {title}\n\n{:48} {:>7} {:>14} {:>12} {:>8} {:>10} {:>9} {:>11}\n",
        "subject", "threads", "baseline, ns", "added, ns", "+-", "percent", "+-", "turns used"
    );
    [head].into_iter().chain(rows.iter().map(line)).collect()
}

fn line(row: &Row) -> String {
    format!(
        "{:48} {:>7} {:>14} {:>12} {:>8} {:>10.3} {:>9.3} {:>11}\n",
        row.subject.name,
        row.threads,
        figure(row.baseline_ns),
        figure(row.added_ns.median),
        figure(row.added_ns.error),
        row.percent(),
        row.percent_error(),
        format!("{}/{}", row.used, row.turns),
    )
}

/// What a step that does nothing allocates and executes, and how much of that is added to the baseline.
pub(crate) fn of_counts(counts: &[Counts]) -> String {
    let head = format!(
        "\n## a no-op step, counted\n\n{:48} {:>12} {:>8} {:>13} {:>8}\n",
        "subject", "allocations", "bytes", "instructions", "added"
    );
    let lines = counts.iter().map(|own| {
        let baseline =
            counts.iter().find(|other| std::ptr::eq(other.subject, own.subject.baseline.subject()));
        let added = own.instructions.zip(baseline.and_then(|baseline| baseline.instructions));
        format!(
            "{:48} {:>12} {:>8} {:>13} {:>8}\n",
            own.subject.name,
            number(own.allocations, 2),
            number(own.bytes, 0),
            number(own.instructions, 0),
            number(added.map(|(own, baseline)| own - baseline), 0),
        )
    });
    [head].into_iter().chain(lines).collect()
}

/// The limits, and what a step costs in them; what each subject does, once.
pub(crate) fn of_limits(rows: &[Row], limits: Limits) -> String {
    let Limits { two_clock_reads, empty_call } = limits;
    let head = format!(
        "\ntwo clock reads {} ns, an empty call {} ns\n",
        figure(two_clock_reads),
        figure(empty_call)
    );
    let alone = || rows.iter().filter(|row| row.step.is_zero() && row.threads == 1);
    let in_pipelines = alone().filter(|row| row.subject.baseline == Baseline::CompiledOut);
    let ratios = in_pipelines.map(|row| {
        let added = row.added_ns.median;
        format!(
            "  {:46} {:>8} x two clock reads {:>10} x an empty call\n",
            row.subject.name,
            figure(added / two_clock_reads),
            figure(added / empty_call)
        )
    });
    let notes = alone().map(|row| format!("  {}: {}\n", row.subject.name, row.subject.how));
    [head]
        .into_iter()
        .chain(ratios)
        .chain(["\n".to_owned()])
        .chain(notes)
        .chain(["  unsampled traces have no row: a tracer has no sampler yet\n".to_owned()])
        .collect()
}

fn number(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.places$}"))
}

/// Three digits are what the method can tell.
pub(crate) fn figure(value: f64) -> String {
    let places = if value.abs() < 10.0 { 2 } else { usize::from(value.abs() < 100.0) };
    format!("{value:.places$}")
}

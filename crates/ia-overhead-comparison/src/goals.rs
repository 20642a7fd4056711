//! The goals, and whether they are met.

use std::time::Duration;

use crate::counts::Counts;
use crate::row::Row;
use crate::table::figure;
use crate::timing::Limits;

const NOTHING: Duration = Duration::ZERO;
const USUAL: Duration = Duration::from_micros(100);

/// A goal and what was measured for it.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    /// At most this.
    pub(crate) bound: f64,
    pub(crate) unit: &'static str,
    /// Nothing where what it needs was not measured.
    pub(crate) measured: Option<f64>,
}

impl Goal {
    pub(crate) fn is_met(&self) -> bool {
        self.measured.is_some_and(|measured| measured <= self.bound)
    }

    /// Where everything was asked for, what was not measured is missed too.
    pub(crate) fn is_missed(&self, all: bool) -> bool {
        (all || self.measured.is_some()) && !self.is_met()
    }

    pub(crate) fn verdict(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(_) if self.is_met() => "met",
            Some(_) => "MISSED",
        }
    }
}

/// All goals with what was measured. Where there are figures for one thread and for two, the worse one counts.
pub(crate) fn judge(rows: &[Row], counts: &[Counts], limits: Limits) -> Vec<Goal> {
    let found = Found { rows, counts };
    let goal = |what, bound, unit, measured| Goal { what, bound, unit, measured };
    vec![
        goal("metrics, step of 100 us", 0.5, "%", found.worst("metrics", USUAL, Row::percent)),
        goal(
            "off, step of 100 us, above compiled out",
            2.0,
            "std. errors",
            found.worst("off", USUAL, in_errors),
        ),
        goal(
            "switched off, step of 100 us, above compiled out",
            2.0,
            "std. errors",
            found.worst("switched off", USUAL, in_errors),
        ),
        goal(
            "metrics, no-op step",
            1.5,
            "x two clock reads",
            found.alone("metrics").map(|added| added / limits.two_clock_reads),
        ),
        goal("metrics, no-op step, allocations", 0.0, "per step", found.allocations("metrics")),
        goal("metrics, no-op step / by hand", 1.0, "x", found.ratio("metrics", "hand: metrics")),
        goal(
            "metrics+traces, no-op step / by hand",
            1.0,
            "x",
            found.ratio("metrics+traces", "hand: metrics+tracing"),
        ),
    ]
}

/// How many standard errors a row is above its baseline.
fn in_errors(row: &Row) -> f64 {
    row.added_ns.median / row.added_ns.error
}

struct Found<'a> {
    rows: &'a [Row],
    counts: &'a [Counts],
}

impl Found<'_> {
    fn worst(&self, name: &str, step: Duration, of: impl Fn(&Row) -> f64) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| row.is(name, step));
        rows.map(of).max_by(f64::total_cmp)
    }

    /// What is added to a step that does nothing, on one thread.
    fn alone(&self, name: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.is(name, NOTHING) && row.threads == 1)?;
        Some(row.added_ns.median)
    }

    fn ratio(&self, ours: &str, by_hand: &str) -> Option<f64> {
        Some(self.alone(ours)? / self.alone(by_hand)?)
    }

    /// Allocations beyond those of the baseline, to a hundredth: those of a run are shared by its steps.
    fn allocations(&self, name: &str) -> Option<f64> {
        let of =
            |name: &str| self.counts.iter().find(|counts| counts.subject.name == name)?.allocations;
        let baseline =
            self.counts.iter().find(|counts| counts.subject.name == name)?.subject.baseline;
        Some(((of(name)? - of(baseline.subject().name)?) * 100.0).round() / 100.0)
    }
}

pub(crate) fn table(goals: &[Goal]) -> String {
    let head = format!("\n{:48} {:>22} {:>10}  met\n", "goal", "at most", "measured");
    let lines = goals.iter().map(|goal| {
        let bound = format!("{} {}", goal.bound, goal.unit);
        let measured = goal.measured.map_or_else(|| "-".to_owned(), figure);
        format!("{:48} {bound:>22} {measured:>10}  {}\n", goal.what, goal.verdict())
    });
    [head].into_iter().chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ia_overhead_comparison::find;

    use super::{NOTHING, USUAL, judge, table};
    use crate::row::Row;
    use crate::statistics::Estimate;
    use crate::timing::Limits;

    const LIMITS: Limits = Limits { two_clock_reads: 40.0, empty_call: 1.0 };

    fn row(name: &str, step: Duration, threads: usize, median: f64) -> Row {
        Row {
            subject: find(name).expect("a subject of this name"),
            step,
            threads,
            baseline_ns: 100_000.0,
            added_ns: Estimate { median, error: 10.0 },
            used: 100,
            turns: 100,
        }
    }

    fn verdict(rows: &[Row], what: &str) -> &'static str {
        let goals = judge(rows, &[], LIMITS);
        let goal = goals.iter().find(|goal| goal.what.starts_with(what)).expect("a goal");
        assert!(table(&goals).contains(goal.verdict()));
        goal.verdict()
    }

    #[test]
    fn the_worst_of_the_threads_decides() {
        let (good, bad) = (row("metrics", USUAL, 1, 400.0), row("metrics", USUAL, 2, 600.0));
        assert_eq!(verdict(&[], "metrics, step"), "not measured");
        assert_eq!(verdict(&[good], "metrics, step"), "met");
        assert_eq!(verdict(&[row("metrics", USUAL, 1, 400.0), bad], "metrics, step"), "MISSED");
    }

    #[test]
    fn off_may_be_two_errors_above_its_baseline() {
        assert_eq!(verdict(&[row("off", USUAL, 1, 19.0)], "off"), "met");
        assert_eq!(verdict(&[row("off", USUAL, 1, 21.0)], "off"), "MISSED");
        assert_eq!(verdict(&[row("off", USUAL, 1, -50.0)], "off"), "met");
    }

    #[test]
    fn a_step_that_does_nothing_is_compared_with_the_clock_and_with_hands() {
        let ours = || row("metrics", NOTHING, 1, 50.0);
        assert_eq!(verdict(&[ours()], "metrics, no-op step"), "met");
        let hand = |added| row("hand: metrics", NOTHING, 1, added);
        assert_eq!(verdict(&[ours(), hand(60.0)], "metrics, no-op step / by hand"), "met");
        assert_eq!(verdict(&[ours(), hand(40.0)], "metrics, no-op step / by hand"), "MISSED");
    }
}

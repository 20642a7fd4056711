//! The goals, and whether they are met.
//!
//! A figure decides only where its standard error is small: on a disturbed machine "within two standard errors" would be met
//! the more easily, the worse the measurement is.

use std::time::Duration;

use crate::counts::Counts;
use crate::row::Row;
use crate::table::figure;
use crate::timing::Limits;

const NOTHING: Duration = Duration::ZERO;
/// The length of step that the goals are about.
pub(crate) const USUAL: Duration = Duration::from_micros(100);

/// The largest standard error of a row that decides about a step with work, in percent of the step: a fifth of what metrics
/// may cost.
const PRECISE_PERCENT: f64 = 0.1;
/// The largest standard error of a row that decides about a step that does nothing, as a part of the figure.
const PRECISE_PART: f64 = 0.1;

/// A goal and what was measured for it.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    /// At most this.
    pub(crate) bound: f64,
    pub(crate) unit: &'static str,
    pub(crate) measured: Measured,
}

/// What is known about a goal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measured {
    /// It was measured, but too many disturbances leave its error too large to decide.
    Disturbed,
    Figure(f64),
    /// What it needs was not measured.
    Nothing,
}

impl Goal {
    pub(crate) fn is_met(&self) -> bool {
        matches!(self.measured, Measured::Figure(measured) if measured <= self.bound)
    }

    /// Where everything was asked for, what was not measured is missed too. What nobody can tell is never met.
    pub(crate) fn is_missed(&self, all: bool) -> bool {
        (all || !matches!(self.measured, Measured::Nothing)) && !self.is_met()
    }

    pub(crate) fn verdict(&self) -> &'static str {
        match self.measured {
            Measured::Disturbed => "TOO DISTURBED to tell",
            Measured::Figure(_) if self.is_met() => "met",
            Measured::Figure(_) => "MISSED",
            Measured::Nothing => "not measured",
        }
    }
}

impl Measured {
    pub(crate) fn figure(self) -> Option<f64> {
        match self {
            Self::Figure(figure) => Some(figure),
            Self::Disturbed | Self::Nothing => None,
        }
    }

    fn map(self, change: impl FnOnce(f64) -> f64) -> Self {
        match self {
            Self::Figure(figure) => Self::Figure(change(figure)),
            unknown => unknown,
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
            "metrics+traces, no-op step / hand: tracing",
            1.0,
            "x",
            found.ratio("metrics+traces", "hand: metrics+tracing"),
        ),
        goal(
            "metrics+traces, no-op step / hand: opentelemetry",
            1.0,
            "x",
            found.ratio("metrics+traces", "hand: metrics+tracing-opentelemetry"),
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
    fn worst(&self, name: &str, step: Duration, of: impl Fn(&Row) -> f64) -> Measured {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.is(name, step)).collect();
        if !rows.iter().all(|row| row.percent_error() <= PRECISE_PERCENT) {
            return Measured::Disturbed;
        }
        let worst = rows.into_iter().map(of).max_by(f64::total_cmp);
        worst.map_or(Measured::Nothing, Measured::Figure)
    }

    /// What is added to a step that does nothing, on one thread.
    fn alone(&self, name: &str) -> Measured {
        let row = self.rows.iter().find(|row| row.is(name, NOTHING) && row.threads == 1);
        match row.map(|row| row.added_ns) {
            Some(added) if added.error <= PRECISE_PART * added.median => {
                Measured::Figure(added.median)
            }
            Some(_) => Measured::Disturbed,
            None => Measured::Nothing,
        }
    }

    fn ratio(&self, ours: &str, by_hand: &str) -> Measured {
        match (self.alone(ours), self.alone(by_hand)) {
            (Measured::Figure(ours), Measured::Figure(by_hand)) => Measured::Figure(ours / by_hand),
            (Measured::Nothing, _) | (_, Measured::Nothing) => Measured::Nothing,
            _ => Measured::Disturbed,
        }
    }

    /// Allocations beyond those of the baseline, to a hundredth: those of a run are shared by its steps.
    fn allocations(&self, name: &str) -> Measured {
        self.allocated(name).map_or(Measured::Nothing, Measured::Figure)
    }

    fn allocated(&self, name: &str) -> Option<f64> {
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
        let measured = goal.measured.figure().map_or_else(|| "-".to_owned(), figure);
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

    const ERROR: f64 = 4.0;
    const LIMITS: Limits = Limits { two_clock_reads: 40.0, empty_call: 1.0 };

    fn row(name: &str, step: Duration, threads: usize, median: f64) -> Row {
        Row {
            subject: find(name).expect("a subject of this name"),
            step,
            threads,
            baseline_ns: 100_000.0,
            added_ns: Estimate { median, error: ERROR },
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
        assert_eq!(verdict(&[row("off", USUAL, 1, 1.9 * ERROR)], "off"), "met");
        assert_eq!(verdict(&[row("off", USUAL, 1, 2.1 * ERROR)], "off"), "MISSED");
        assert_eq!(verdict(&[row("off", USUAL, 1, -5.0 * ERROR)], "off"), "met");
    }

    #[test]
    fn a_disturbed_measurement_decides_nothing_and_is_no_success() {
        let disturbed = |name, step| {
            let mut row = row(name, step, 1, 60.0);
            row.added_ns.error = 5_000.0;
            row
        };
        let precise = row("off", USUAL, 2, 0.0);
        let rows = [disturbed("off", USUAL), precise, disturbed("metrics", NOTHING)];
        let goals = judge(&rows, &[], LIMITS);
        for what in ["off", "metrics, no-op step"] {
            let goal = goals.iter().find(|goal| goal.what.starts_with(what)).expect("a goal");
            assert_eq!(goal.verdict(), "TOO DISTURBED to tell", "{what}");
            assert!(goal.is_missed(false));
        }
        assert_eq!(verdict(&rows, "metrics, no-op step / by hand"), "not measured");
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

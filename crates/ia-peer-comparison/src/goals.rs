//! The goals of the metric core, and whether they are met.

use crate::groups::Group;
use crate::row::{Kind, Row};
use crate::table::figure;

/// A goal and what was measured for it.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    /// At most this.
    pub(crate) bound: f64,
    pub(crate) unit: &'static str,
    /// Nothing where the group was not measured.
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

/// Looks a goal's figure up among the rows of ours.
type Measure = fn(&Ours<'_>) -> Option<f64>;

const X: &str = "x limit";

/// What, bound, unit, figure. Where there are figures for one thread and for several, the worse one counts.
const GOALS: &[(&str, f64, &str, Measure)] = &[
    ("counter through a handle", 2.0, X, |ours| ours.worst(Group::Counter, "")),
    ("counter, all threads / one thread", 1.15, "x", |ours| ours.flat(Group::Counter)),
    ("histogram with exact bounds", 3.3, X, |ours| ours.worst(Group::Histogram, "")),
    ("histogram, all threads / one thread", 1.15, "x", |ours| ours.flat(Group::Histogram)),
    ("native histogram", 3.5, X, |ours| ours.worst(Group::NativeHistogram, "")),
    ("counter by two strings, 100 series", 3.0, X, |ours| ours.worst(Group::Labels, "100 series")),
    ("counter by two strings, 10,000 series", 5.0, X, |ours| {
        ours.worst(Group::Labels, "10,000 series")
    }),
    ("scrape of 200,000 series, 2 threads", 1.2, X, |ours| ours.scrape(2)),
    ("scrape of 200,000 series, 8 threads", 2.0, X, |ours| ours.scrape(8)),
    ("memory per series at 200,000 series", 48.0, "B", |ours| ours.memory()),
    // A call of nothing, with the load and the branch that find out that there is nothing to do.
    ("counter, switched off", 2.0, "x empty loop", |ours| ours.worst(Group::Disabled, "")),
];

/// All goals with what was measured.
pub(crate) fn judge(rows: &[Row]) -> Vec<Goal> {
    let ours = Ours(rows.iter().filter(|row| row.kind == Kind::Ours).collect());
    let goals = GOALS.iter();
    goals
        .map(|&(what, bound, unit, measure)| Goal { what, bound, unit, measured: measure(&ours) })
        .collect()
}

/// The rows of ours.
struct Ours<'a>(Vec<&'a Row>);

impl Ours<'_> {
    /// The largest ratio to the limit of a group.
    fn worst(&self, group: Group, case: &str) -> Option<f64> {
        let rows = self.0.iter().filter(|row| row.group == group && row.case == case);
        rows.map(|row| row.ratio()).max_by(f64::total_cmp)
    }

    /// How much slower a group's first subject is on all processors than on one.
    fn flat(&self, group: Group) -> Option<f64> {
        let first = self.0.iter().find(|row| row.group == group)?;
        let rows = self.0.iter().filter(|row| row.group == group && row.subject == first.subject);
        let most = rows.max_by_key(|row| row.threads)?;
        (most.threads > 1).then(|| most.value / first.value)
    }

    fn scrape(&self, threads: usize) -> Option<f64> {
        let row = self.0.iter().find(|row| {
            row.group == Group::Scrape && row.case == "200,000 series" && row.threads == threads
        })?;
        Some(row.ratio())
    }

    fn memory(&self) -> Option<f64> {
        let row = self.0.iter().find(|row| row.group == Group::Memory && row.threads == 1)?;
        Some(row.value)
    }
}

pub(crate) fn table(goals: &[Goal]) -> String {
    let head = format!("\n{:40} {:>18} {:>10}  met\n", "goal", "at most", "measured");
    let lines = goals.iter().map(|goal| {
        let bound = format!("{} {}", goal.bound, goal.unit);
        let measured = goal.measured.map_or_else(|| "-".to_owned(), figure);
        format!("{:40} {bound:>18} {measured:>10}  {}\n", goal.what, goal.verdict())
    });
    [head].into_iter().chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{judge, table};
    use crate::groups::Group;
    use crate::row::{Kind, Row};

    fn row(kind: Kind, threads: usize, value: f64) -> Row {
        let (group, case) = (Group::Counter, Cow::Borrowed(""));
        Row { group, case, subject: "", kind, threads, value, limit: 1.0, how: "" }
    }

    fn verdicts(rows: &[Row]) -> [&'static str; 2] {
        let goals = judge(rows);
        assert!(table(&goals).contains(goals[0].verdict()));
        [goals[0].verdict(), goals[1].verdict()]
    }

    #[test]
    fn the_worst_row_of_ours_decides() {
        let (good, bad) = (row(Kind::Ours, 1, 1.9), row(Kind::Ours, 2, 2.1));
        assert_eq!(verdicts(std::slice::from_ref(&good)), ["met", "not measured"]);
        assert_eq!(verdicts(&[good.clone(), bad]), ["MISSED", "met"]);
        assert_eq!(verdicts(&[good, row(Kind::Peer, 2, 9.0)]), ["met", "not measured"]);
        assert_eq!(verdicts(&[row(Kind::Ours, 1, f64::NAN)]), ["MISSED", "not measured"]);
    }
}

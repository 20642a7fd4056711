//! Every subject beside its baseline: for each length of step, on one thread and on two.

use std::time::Duration;

use ia_bench_machine::cpus;
use ia_overhead_comparison::{Calibration, Job, STEPS, Subject};

use crate::goals::USUAL;
use crate::row::Row;
use crate::statistics::{Estimate, median};
use crate::table;
use crate::timing::{Limits, Turn, turns};

/// How long a step's work takes. Nothing at all shows what telemetry costs by itself.
pub(crate) const LENGTHS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_micros(10),
    Duration::from_micros(100),
    Duration::from_millis(1),
];
const THREADS: [usize; 2] = [1, 2];
/// Fewer undisturbed turns than this are no sample: then the disturbed ones count too. Their median may be far off, and the
/// standard error says so.
const ENOUGH: usize = 8;

/// How long a cell of the tables is measured, and in how many sittings.
#[derive(Clone, Copy, Debug)]
struct Budget {
    sittings: u32,
    sitting: Duration,
}

impl Budget {
    const FULL: Self = Self { sittings: 10, sitting: Duration::from_millis(80) };
    const QUICK: Self = Self { sittings: 5, sitting: Duration::from_millis(40) };

    /// Steps of the usual length have goals that are small beside what the machine does to them: they are given more time.
    fn of(self, step: Duration) -> Self {
        if step == USUAL { Self { sitting: self.sitting * 6, ..self } } else { self }
    }
}

/// Measures and prints. The limits are looked at before each sitting whose steps do nothing.
pub(crate) fn measure(subjects: &[&'static Subject], quick: bool) -> (Vec<Row>, Limits) {
    let calibration = Calibration::new();
    let budget = if quick { Budget::QUICK } else { Budget::FULL };
    let (mut rows, mut looks) = (Vec::new(), Vec::new());
    for step in LENGTHS {
        let budget = budget.of(step);
        let job = calibration.job(step);
        let mut found = Vec::new();
        for threads in THREADS.into_iter().filter(|threads| *threads <= cpus().len()) {
            for subject in subjects.iter().copied() {
                let sittings = sittings(subject, job, threads, budget, || {
                    if step.is_zero() && threads == 1 {
                        looks.push(Limits::look());
                    }
                });
                found.push(row(subject, step, threads, &sittings));
            }
        }
        println!("{}", table::of_rows(step, &found));
        rows.extend(found);
    }
    (rows, Limits::of(&looks))
}

/// Both sides are built anew for each sitting, and not always in the same order: neither always lies first in memory.
fn sittings(
    subject: &Subject,
    job: Job,
    threads: usize,
    budget: Budget,
    mut before: impl FnMut(),
) -> Vec<Vec<Turn>> {
    let baseline = subject.baseline.subject();
    (0..budget.sittings)
        .map(|number| {
            before();
            let (on, off) = if number % 2 == 0 {
                let on = subject.make();
                (on, baseline.make())
            } else {
                let off = baseline.make();
                (subject.make(), off)
            };
            turns(&*on, &*off, job, threads, budget.sitting)
        })
        .collect()
}

fn row(subject: &'static Subject, step: Duration, threads: usize, sittings: &[Vec<Turn>]) -> Row {
    let clean: Vec<Vec<Turn>> = sittings
        .iter()
        .map(|turns| turns.iter().filter(|turn| !turn.disturbed).copied().collect())
        .filter(|clean: &Vec<Turn>| !clean.is_empty())
        .collect();
    let used = if count(&clean) >= ENOUGH && clean.len() > 1 { &clean } else { sittings };
    let per_step = 1.0 / f64::from(STEPS);
    let of = |value: fn(&Turn) -> f64| -> Vec<Vec<f64>> {
        used.iter().map(|turns| turns.iter().map(value).collect()).collect()
    };
    Row {
        subject,
        step,
        threads,
        baseline_ns: median(&mut of(|turn| turn.off).concat()) * per_step,
        added_ns: Estimate::of(&of(|turn| turn.on - turn.off)).scaled(per_step),
        used: count(used),
        turns: count(sittings),
    }
}

fn count(sittings: &[Vec<Turn>]) -> usize {
    sittings.iter().map(Vec::len).sum()
}

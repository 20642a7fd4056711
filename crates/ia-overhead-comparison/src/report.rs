//! The figures as JSON.

use std::fs;
use std::io;
use std::path::Path;

use ia_bench_machine::Machine;
use serde_json::{Value, json};

use crate::counts::Counts;
use crate::goals::Goal;
use crate::row::Row;
use crate::timing::Limits;

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) rows: &'a [Row],
    pub(crate) counts: &'a [Counts],
    pub(crate) limits: Limits,
    pub(crate) goals: &'a [Goal],
}

impl Report<'_> {
    /// Writes it to `path`, whose folder is made.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let Self { machine, rows, counts, limits, goals } = self;
        let report = json!({
            "machine": {
                "date": machine.date,
                "cpu": machine.cpu,
                "cores": machine.cores,
                "kernel": machine.kernel,
                "rustc": machine.rustc,
                "load": machine.load,
            },
            "method": "median of (on - off) over turns of on, off, off, on and off, on, on, off; stderr is that of the median, by a bootstrap of sittings",
            "limits": {
                "two_clock_reads_ns": limits.two_clock_reads,
                "empty_call_ns": limits.empty_call,
            },
            "rows": rows.iter().map(of_row).collect::<Vec<Value>>(),
            "counts": counts.iter().map(of_counts).collect::<Vec<Value>>(),
            "goals": goals.iter().map(of_goal).collect::<Vec<Value>>(),
        });
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, format!("{report:#}\n"))
    }
}

/// `percent` and `stderr` are of the baseline's step; the rest is in nanoseconds per step.
fn of_row(row: &Row) -> Value {
    json!({
        "step_us": row.step.as_micros(),
        "telemetry": row.subject.name,
        "threads": row.threads,
        "percent": row.percent(),
        "stderr": row.percent_error(),
        "baseline": row.subject.baseline.subject().name,
        "baseline_ns": row.baseline_ns,
        "added_ns": row.added_ns.median,
        "added_ns_stderr": row.added_ns.error,
        "turns": row.turns,
        "turns_used": row.used,
        "how": row.subject.how,
    })
}

fn of_counts(counts: &Counts) -> Value {
    json!({
        "telemetry": counts.subject.name,
        "allocations": counts.allocations,
        "bytes": counts.bytes,
        "instructions": counts.instructions,
    })
}

fn of_goal(goal: &Goal) -> Value {
    json!({
        "goal": goal.what,
        "at_most": goal.bound,
        "unit": goal.unit,
        "measured": goal.measured.figure(),
        "verdict": goal.verdict(),
    })
}

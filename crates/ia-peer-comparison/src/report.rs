//! The figures as JSON.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::goals::Goal;
use crate::row::{Row, best_peer};
use ia_bench_machine::Machine;

/// Writes machine, rows and goals to `path`, whose folder is made.
pub(crate) fn write(
    path: &Path,
    machine: &Machine,
    rows: &[Row],
    goals: &[Goal],
) -> io::Result<()> {
    let report = json!({
        "machine": {
            "date": machine.date,
            "cpu": machine.cpu,
            "cores": machine.cores,
            "kernel": machine.kernel,
            "rustc": machine.rustc,
            "load": machine.load,
        },
        "rows": rows.iter().map(|row| of_row(rows, row)).collect::<Vec<Value>>(),
        "goals": goals.iter().map(of_goal).collect::<Vec<Value>>(),
    });
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, format!("{report:#}\n"))
}

/// `ns` and `limit_ns` are in `unit`, which for memory is bytes.
fn of_row(rows: &[Row], row: &Row) -> Value {
    json!({
        "group": row.group.name(),
        "case": row.case,
        "subject": row.subject,
        "kind": row.kind.name(),
        "threads": row.threads,
        "ns": row.value,
        "limit_ns": row.limit,
        "ratio": row.ratio(),
        "best_peer_ratio": best_peer(rows, row).map(|best| row.value / best),
        "unit": row.group.unit(),
        "how": row.how,
    })
}

fn of_goal(goal: &Goal) -> Value {
    json!({
        "goal": goal.what,
        "at_most": goal.bound,
        "unit": goal.unit,
        "measured": goal.measured,
        "verdict": goal.verdict(),
    })
}

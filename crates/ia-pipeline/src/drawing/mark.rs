//! What became of the steps in a run.

use std::collections::HashMap;
use std::time::Duration;

use crate::{StepReport, StepStatus};

/// By the name of the step.
#[derive(Clone)]
pub(super) struct Marks(HashMap<String, Mark>);

/// What became of one step; in a loop, of all its executions.
#[derive(Clone)]
pub(super) struct Mark {
    /// How it ended last.
    pub(super) status: StepStatus,
    executions: u32,
    attempts: u32,
    duration: Duration,
    error_type: Option<String>,
}

impl Marks {
    pub(super) fn of(reports: &[StepReport]) -> Self {
        let mut marks: HashMap<String, Mark> = HashMap::new();
        for report in reports {
            let mark = marks.entry(report.name.clone()).or_insert_with(|| Mark {
                status: report.status,
                executions: 0,
                attempts: 0,
                duration: Duration::ZERO,
                error_type: None,
            });
            mark.status = report.status;
            mark.executions += u32::from(report.status != StepStatus::Skipped);
            mark.attempts = mark.attempts.saturating_add(report.attempts);
            mark.duration = mark.duration.saturating_add(report.duration);
            mark.error_type.clone_from(&report.error_type);
        }
        Self(marks)
    }

    /// `None` where the run never came to the step.
    pub(super) fn get(&self, step: &str) -> Option<&Mark> {
        self.0.get(step)
    }
}

impl Mark {
    /// The lines under the step's name.
    pub(super) fn lines(&self) -> Vec<String> {
        if self.executions == 0 {
            return vec![self.status.to_string()];
        }
        let mut first = format!("{}, {}", self.status, time(self.duration));
        if self.executions > 1 {
            first = format!("{first}, {} executions", self.executions);
        }
        if self.attempts > self.executions {
            first = format!("{first}, {} attempts", self.attempts);
        }
        std::iter::once(first).chain(self.error_type.clone()).collect()
    }
}

/// The fill and the border of a step that ended like this.
pub(super) fn colours(status: StepStatus) -> (&'static str, &'static str) {
    match status {
        StepStatus::Cancelled => ("#eeeeee", "#757575"),
        StepStatus::Error => ("#ffcdd2", "#c62828"),
        StepStatus::Fallback => ("#fff9c4", "#f9a825"),
        StepStatus::Skipped => ("#fafafa", "#bdbdbd"),
        StepStatus::Success => ("#c8e6c9", "#2e7d32"),
    }
}

fn time(duration: Duration) -> String {
    let unit = if duration < Duration::from_millis(1) {
        (1e6, "µs")
    } else if duration < Duration::from_secs(1) {
        (1e3, "ms")
    } else {
        (1.0, "s")
    };
    format!("{:.1} {}", duration.as_secs_f64() * unit.0, unit.1)
}

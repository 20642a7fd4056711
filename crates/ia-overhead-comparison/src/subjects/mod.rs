//! The ways to instrument the chain, each in the file of its name.

#[macro_use]
mod steps;

mod functions;
mod hand_metrics;
mod hand_spans;
mod pipelines;
mod recorders;

use std::fmt;

use crate::Runner;

/// What a subject is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Baseline {
    /// A pipeline whose telemetry is compiled out.
    CompiledOut,
    /// Plain functions called one after the other.
    Functions,
}

/// What role a subject has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// What others are compared with; beside itself, it shows what the method cannot tell apart.
    Baseline,
    /// Instrumented by hand, as people do today.
    Hand,
    /// The telemetry of a pipeline of ours.
    Ours,
}

/// A way to instrument the chain.
pub struct Subject {
    /// What it is called, on the command line too.
    pub name: &'static str,
    /// Its role.
    pub kind: Kind,
    /// What it is compared with.
    pub baseline: Baseline,
    /// What exactly is done.
    pub how: &'static str,
    make: fn() -> Box<dyn Runner>,
}

/// All subjects. The first of each baseline is that baseline.
pub const ALL: &[Subject] = &[
    Subject {
        name: "compiled out",
        kind: Kind::Baseline,
        baseline: Baseline::CompiledOut,
        how: "the source of ia-pipeline with --cfg ia_uninstrumented; as a row, a second such pipeline beside the first",
        make: pipelines::compiled_out,
    },
    Subject {
        name: "off",
        kind: Kind::Ours,
        baseline: Baseline::CompiledOut,
        how: ".enable_telemetry(false)",
        make: pipelines::off,
    },
    Subject {
        name: "switched off",
        kind: Kind::Ours,
        baseline: Baseline::CompiledOut,
        how: "built with telemetry, then set_enabled(false) on registry and tracer",
        make: pipelines::switched_off,
    },
    Subject {
        name: "metrics",
        kind: Kind::Ours,
        baseline: Baseline::CompiledOut,
        how: "all metrics of the catalogue; the tracer is off",
        make: pipelines::metrics,
    },
    Subject {
        name: "metrics+traces",
        kind: Kind::Ours,
        baseline: Baseline::CompiledOut,
        how: "all metrics, and a span for each run and step, kept in the tracer's memory of 10,000",
        make: pipelines::traces,
    },
    Subject {
        name: "hand: metrics",
        kind: Kind::Hand,
        baseline: Baseline::CompiledOut,
        how: "steps of an uninstrumented pipeline with macros of the crate `metrics`, a PrometheusRecorder installed: step durations and statuses, run durations and statuses, active runs",
        make: hand_metrics::in_pipeline,
    },
    Subject {
        name: "hand: metrics+tracing",
        kind: Kind::Hand,
        baseline: Baseline::CompiledOut,
        how: "the same and #[tracing::instrument] on run and steps; a bare tracing_subscriber::Registry, which keeps no times and no fields",
        make: hand_spans::bare_in_pipeline,
    },
    Subject {
        name: "hand: metrics+tracing-opentelemetry",
        kind: Kind::Hand,
        baseline: Baseline::CompiledOut,
        how: "the same with a tracing-opentelemetry layer as it comes; finished spans are kept in a ring of 10,000, nothing is exported",
        make: hand_spans::exported_in_pipeline,
    },
    Subject {
        name: "functions",
        kind: Kind::Baseline,
        baseline: Baseline::Functions,
        how: "ten async functions called one after the other: no pipeline",
        make: functions::plain,
    },
    Subject {
        name: "functions, hand: metrics",
        kind: Kind::Hand,
        baseline: Baseline::Functions,
        how: "the functions with the macros of `metrics`",
        make: hand_metrics::in_functions,
    },
    Subject {
        name: "functions, hand: metrics+tracing",
        kind: Kind::Hand,
        baseline: Baseline::Functions,
        how: "the functions with the macros and #[tracing::instrument]; a bare Registry",
        make: hand_spans::bare_in_functions,
    },
    Subject {
        name: "functions, hand: metrics+tracing-opentelemetry",
        kind: Kind::Hand,
        baseline: Baseline::Functions,
        how: "the functions with the macros and #[tracing::instrument]; the tracing-opentelemetry layer",
        make: hand_spans::exported_in_functions,
    },
];

/// The subject of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Subject> {
    ALL.iter().find(|subject| subject.name == name)
}

impl Subject {
    /// Builds the chain.
    #[must_use]
    pub fn make(&self) -> Box<dyn Runner> {
        (self.make)()
    }
}

impl Baseline {
    /// The subject that others are compared with.
    #[must_use]
    pub fn subject(self) -> &'static Subject {
        let own = |subject: &&Subject| subject.kind == Kind::Baseline && subject.baseline == self;
        ALL.iter().find(own).unwrap_or(&ALL[0])
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ALL, Baseline};
    use crate::{Job, runtime};

    #[test]
    fn names_differ_and_each_baseline_is_there() {
        let names: HashSet<&str> = ALL.iter().map(|subject| subject.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert_eq!(Baseline::CompiledOut.subject().name, "compiled out");
        assert_eq!(Baseline::Functions.subject().name, "functions");
    }

    #[test]
    fn every_chain_runs() {
        for subject in ALL {
            let runner = subject.make();
            runner.prepare();
            runtime().block_on(runner.runs(Job::none(), 3));
            runner.tidy();
        }
    }
}

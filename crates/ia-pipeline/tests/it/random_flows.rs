//! Random flows, compared with a model that runs their steps one after the other.

use std::collections::BTreeSet;

use ia_pipeline::{Run, RunError, RunErrorKind, StepStatus};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::random_spec::{EdgeSpec, FlowSpec, Kind, Takes, To, any_flow};
use crate::random_subject::{
    MANY, Subject, answer, assert_invariants, assert_reports_match, combine, name, number, poll,
};

/// What must become of a run. Made from the specification alone, one step after the other.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// By step: `None` where the run ends before it is known.
    status: Vec<Option<StepStatus>>,
    pub(crate) attempts: Vec<u32>,
    error_types: Vec<Option<&'static str>>,
    /// The steps that end the run, by failing or by leading to its failure. Which of them does is a matter of time.
    fatal: BTreeSet<usize>,
    to_failure: BTreeSet<usize>,
    pub(crate) output: Option<u32>,
}

impl Expected {
    pub(crate) fn fails(&self) -> bool {
        !self.fatal.is_empty() || !self.to_failure.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    Absent,
    /// The run ends before.
    Never,
    Skipped,
    Value(u32),
}

pub(crate) fn expected(spec: &FlowSpec) -> Expected {
    let count = spec.steps.len();
    let mut expected = Expected {
        status: vec![None; count],
        attempts: vec![0; count],
        error_types: vec![None; count],
        ..Expected::default()
    };
    let mut arrivals = vec![Arrival::Never; spec.edges.len()];
    let mut best: Option<(usize, u32)> = None;
    for (number, step) in spec.steps.iter().enumerate() {
        let edges = spec.edges.iter().zip(&arrivals);
        let ins: Vec<(usize, Arrival)> = if number == 0 {
            vec![(0, Arrival::Value(spec.input))]
        } else {
            edges
                .filter(|(edge, _)| edge.to == To::Step(number))
                .map(|(edge, arrival)| (edge.from, *arrival))
                .collect()
        };
        if ins.iter().any(|(_, arrival)| *arrival == Arrival::Never) {
            continue;
        }
        let outs: Vec<(usize, EdgeSpec)> = spec
            .edges
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, edge)| edge.from == number)
            .collect();
        let values = ins.iter().filter_map(|(from, arrival)| match arrival {
            Arrival::Value(value) if step.takes == Takes::All => Some((*from, *value)),
            Arrival::Value(value) => Some((0, *value)),
            Arrival::Absent | Arrival::Never | Arrival::Skipped => None,
        });
        let given: Vec<(usize, u32)> = values.collect();
        let taken = ins.iter().any(|(_, arrival)| *arrival != Arrival::Skipped);
        if !taken || (step.takes == Takes::One && given.is_empty()) {
            expected.status[number] = Some(StepStatus::Skipped);
            outs.iter().for_each(|(edge, _)| arrivals[*edge] = Arrival::Skipped);
            continue;
        }
        // What takes one value and is given two is not even tried; its fallback would know no better.
        let ambiguous = step.takes != Takes::All && given.len() > 1;
        let failed = ambiguous || step.failures > step.retries;
        expected.attempts[number] = if ambiguous { 0 } else { step.failures.min(step.retries) + 1 };
        expected.error_types[number] =
            failed.then_some(if ambiguous { "ambiguous_input" } else { "NotFound" });
        let output = combine(number, &given);
        let (status, output) = match (failed, step.fallback && !ambiguous) {
            (false, _) => (StepStatus::Success, Some(output)),
            (true, true) => (StepStatus::Fallback, Some(answer(output))),
            (true, false) => (StepStatus::Error, None),
        };
        expected.status[number] = Some(status);
        if output.is_none() && !step.continue_on_error {
            expected.fatal.insert(number);
            continue;
        }
        let holds = |edge: &EdgeSpec| match (edge.kind, output) {
            (Kind::When(by, rest), Some(output)) => output % by == rest,
            _ => false,
        };
        let any_holds = outs.iter().any(|(_, edge)| holds(edge));
        let followed = |edge: &EdgeSpec| match edge.kind {
            Kind::Always => true,
            Kind::Otherwise => !any_holds,
            Kind::When(..) => holds(edge),
        };
        let leads = |to: To| outs.iter().any(|(_, edge)| edge.to == to && followed(edge));
        if leads(To::Failure) {
            expected.to_failure.insert(number);
            continue;
        }
        for (at, edge) in &outs {
            arrivals[*at] = match (followed(edge), output) {
                (true, Some(output)) => Arrival::Value(output),
                (true, None) => Arrival::Absent,
                (false, _) => Arrival::Skipped,
            };
        }
        let ends = leads(To::End) || !outs.iter().any(|(_, edge)| followed(edge));
        let place = spec.order.iter().position(|step| *step == number).unwrap();
        if let Some(output) = output.filter(|_| ends)
            && best.is_none_or(|(other, _)| other < place)
        {
            best = Some((place, output));
        }
    }
    expected.output = best.map(|(_, output)| output);
    expected
}

fn assert_as_expected(subject: &Subject, result: &Result<Run<u32>, RunError>) {
    let (spec, expected) = (&subject.spec, expected(&subject.spec));
    let reports = match result {
        Ok(run) => &run.steps[..],
        Err(error) => error.steps(),
    };
    assert_reports_match(subject, reports);
    for report in reports.iter().filter(|report| report.status != StepStatus::Cancelled) {
        let number = number(&report.name);
        // Behind the step that ends the run the model does not look.
        if report.status == StepStatus::Skipped && expected.status[number].is_none() {
            assert!(expected.fails(), "step {number} is skipped, and the run goes on");
            continue;
        }
        assert_eq!(Some(report.status), expected.status[number], "status of step {number}");
        assert_eq!(report.attempts, expected.attempts[number], "attempts of step {number}");
        let error_type = report.error_type.as_deref();
        assert_eq!(error_type, expected.error_types[number], "error type of step {number}");
    }
    let times = |number: usize| reports.iter().filter(|report| report.name == name(number)).count();
    let least = usize::from(!expected.fails());
    for (number, status) in expected.status.iter().enumerate() {
        let times = times(number);
        assert!((least..=1).contains(&times), "step {number} is to be {status:?} once: {times}");
    }
    match result {
        Ok(run) => {
            assert!(!expected.fails(), "the run is to fail");
            assert_eq!(expected.output, Some(run.output), "output");
            let items: u64 = (spec.steps.iter().zip(&expected.attempts))
                .map(|(step, attempts)| u64::from(step.items) * u64::from(*attempts))
                .sum();
            assert_eq!(run.items, items, "items");
        }
        Err(error) if error.kind() == RunErrorKind::Step => {
            let step = number(error.step().unwrap());
            assert!(expected.fatal.contains(&step), "step {step} does not end the run");
            assert_eq!(Some(error.error_type()), expected.error_types[step]);
            assert_eq!(subject.count(step, StepStatus::Error), 1.0);
        }
        Err(error) if error.kind() == RunErrorKind::EndedInFailure => {
            assert!(!expected.to_failure.is_empty(), "{error}");
        }
        Err(error) => {
            assert_eq!(error.kind(), RunErrorKind::NoOutput, "{error}");
            assert!(!expected.fails() && expected.output.is_none(), "{error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_run_does_what_its_flow_says_and_counts_it(spec in any_flow(2..=10)) {
        let subject = Subject::build(&spec);
        prop_assume!(subject.is_ok());
        let subject = subject.unwrap();
        let result = poll(&mut subject.pipeline.run(spec.input), MANY);
        assert_as_expected(&subject, &result.unwrap());
        assert_invariants(&subject, 1);
    }

    #[test]
    fn a_run_that_is_dropped_or_cancelled_anywhere_is_counted_once(
        spec in any_flow(2..=10),
        polls in 0_u32..12,
        cancel in any::<bool>(),
    ) {
        let subject = Subject::build(&spec);
        prop_assume!(subject.is_ok());
        let subject = subject.unwrap();
        let mut running = subject.pipeline.run(spec.input);
        let result = poll(&mut running, polls);
        if let Some(result) = &result {
            assert_as_expected(&subject, result);
        } else if cancel {
            running.canceller().cancel();
            let error = poll(&mut running, 1).unwrap().unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::Cancelled);
            assert_reports_match(&subject, error.steps());
        }
        drop(running);
        let began = polls > 0 || cancel;
        let cancelled = f64::from(u8::from(began && result.is_none()));
        assert_eq!(subject.probe.runs("cancelled"), cancelled);
        assert_invariants(&subject, usize::from(began));
    }

    #[test]
    fn runs_that_take_turns_keep_apart(spec in any_flow(2..=6), dropped in 0_usize..4) {
        let subject = Subject::build(&spec);
        prop_assume!(subject.is_ok());
        let subject = subject.unwrap();
        let mut runs: Vec<_> = (0..4).map(|_| (subject.pipeline.run(spec.input), None)).collect();
        for round in 0..MANY {
            if round == 2 {
                drop(runs.remove(dropped));
            }
            for (running, result) in runs.iter_mut().filter(|(_, result)| result.is_none()) {
                *result = poll(running, 1);
            }
            if round > 2 && runs.iter().all(|(_, result)| result.is_some()) {
                break;
            }
        }
        let expected = expected(&spec);
        let output = if expected.fails() { None } else { expected.output };
        for (_, result) in runs {
            assert_eq!(result.unwrap().ok().map(|run| run.output), output);
        }
        assert_invariants(&subject, 4);
    }
}

#[test]
fn most_random_flows_can_be_built_and_many_succeed() {
    let mut runner = TestRunner::deterministic();
    let mut any = || any_flow(2..=10).new_tree(&mut runner).unwrap().current();
    let built: Vec<_> =
        (0..200).map(|_| any()).filter(|spec| Subject::build(spec).is_ok()).collect();
    let expected = built.iter().map(expected);
    let succeed = expected.filter(|expected| !expected.fails() && expected.output.is_some());
    assert!(built.len() > 120, "{} of 200 can be built", built.len());
    assert!(succeed.clone().count() > 50, "{} of 200 succeed", succeed.count());
}

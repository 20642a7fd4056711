//! Random flows with loops, nested and overlapping ones too.

use std::collections::BTreeSet;

use ia_pipeline::{RunErrorKind, StepStatus};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::random_spec::{EdgeSpec, FlowSpec, LoopSpec, To, any_flow};
use crate::random_subject::{MANY, Subject, assert_invariants, assert_reports_match, poll};

/// A flow with loops between any two of its steps. Many of them can be built.
fn any_looping_flow() -> impl Strategy<Value = FlowSpec> {
    let loops = prop::collection::vec((any::<Index>(), any::<Index>(), 0_u32..3, 1_u32..4), 1..5);
    (any_flow(1..=6), loops).prop_map(|(mut spec, loops)| {
        for (from, to, rest, limit) in loops {
            let from = from.index(spec.steps.len());
            let to = to.index(from + 1);
            // A join takes more than a loop brings, and there is one arrow between two steps at most.
            let ins = |edge: &&EdgeSpec| edge.to == To::Step(to);
            if downstream(&spec, to).contains(&from)
                && spec.edges.iter().filter(ins).count() < 2
                && !spec.loops.iter().any(|other| (other.from, other.to) == (from, to))
            {
                spec.loops.push(LoopSpec { from, to, rest, limit });
            }
        }
        spec
    })
}

/// A step and all that it leads to.
fn downstream(spec: &FlowSpec, step: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([step]);
    for edge in (0..spec.steps.len()).flat_map(|_| &spec.edges) {
        if let To::Step(to) = edge.to
            && reached.contains(&edge.from)
        {
            reached.insert(to);
        }
    }
    reached
}

/// No step runs more often than the limits of the loops around it allow.
fn assert_within_limits(subject: &Subject) {
    let spec = &subject.spec;
    for number in 0..spec.steps.len() {
        let around = spec.loops.iter().filter(|one| downstream(spec, one.to).contains(&number));
        let most = 1 + around.map(|one| one.limit).sum::<u32>();
        let executed = subject.executed(number);
        assert!(executed <= f64::from(most), "step {number} ran {executed} times, not {most}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 4_096, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn a_run_with_loops_comes_to_an_end_within_their_limits(spec in any_looping_flow()) {
        let subject = Subject::build(&spec);
        prop_assume!(!spec.loops.is_empty() && subject.is_ok());
        let subject = subject.unwrap();
        let result = poll(&mut subject.pipeline.run(spec.input), MANY).unwrap();
        match &result {
            Ok(run) => assert_reports_match(&subject, &run.steps),
            Err(error) => assert_reports_match(&subject, error.steps()),
        }
        let in_a_step = result.is_err_and(|error| error.kind() == RunErrorKind::Step);
        if !in_a_step {
            let cancelled = (0..spec.steps.len())
                .map(|number| subject.count(number, StepStatus::Cancelled))
                .sum::<f64>();
            let ends = spec.edges.iter().any(|edge| edge.to == To::Failure);
            assert!(cancelled == 0.0 || ends, "a step was dropped though nothing had failed");
        }
        assert_within_limits(&subject);
        assert_invariants(&subject, 1);
    }

    #[test]
    fn a_run_with_loops_that_is_dropped_anywhere_is_counted_once(
        spec in any_looping_flow(),
        polls in 1_u32..20,
    ) {
        let subject = Subject::build(&spec);
        prop_assume!(!spec.loops.is_empty() && subject.is_ok());
        let subject = subject.unwrap();
        let finished = poll(&mut subject.pipeline.run(spec.input), polls).is_some();
        assert_eq!(subject.probe.runs("cancelled"), f64::from(u8::from(!finished)));
        assert_within_limits(&subject);
        assert_invariants(&subject, 1);
    }
}

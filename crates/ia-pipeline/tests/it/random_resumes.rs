//! Random flows whose runs are interrupted and resumed, again and again.

use futures_util::FutureExt;
use ia_pipeline::{MemoryStore, ResumeError};
use proptest::prelude::*;

use crate::random_flows::expected;
use crate::random_spec::any_flow;
use crate::random_subject::{MANY, Subject, poll};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_run_that_is_interrupted_comes_to_the_end_it_would_have_come_to(
        spec in any_flow(2..=10),
        interruptions in prop::collection::vec(1_u32..8, 1..6),
        saved in any::<u32>(),
    ) {
        let subject = Subject::build_saving(&spec, Some((MemoryStore::new(), saved)));
        prop_assume!(subject.is_ok());
        let subject = subject.unwrap();
        let expected = expected(&spec);
        prop_assume!(!expected.fails() && expected.output.is_some());
        let mut running = subject.pipeline.run(spec.input);
        let id = running.id();
        for polls in interruptions {
            if let Some(result) = poll(&mut running, polls) {
                prop_assert_eq!(result.unwrap().output, expected.output.unwrap());
                let again = subject.pipeline.resume(id).now_or_never().unwrap().unwrap_err();
                prop_assert!(matches!(again, ResumeError::NotFound { .. }), "{}", again);
                return Ok(());
            }
            drop(running);
            running = subject.pipeline.resume(id).now_or_never().unwrap().unwrap();
        }
        let run = poll(&mut running, MANY).unwrap().unwrap();
        prop_assert_eq!(run.output, expected.output.unwrap());
        let items: u64 = (spec.steps.iter().zip(&expected.attempts))
            .map(|(step, attempts)| u64::from(step.items) * u64::from(*attempts))
            .sum();
        prop_assert_eq!(run.items, items, "items are counted once");
        subject.probe.assert_settled();
    }
}

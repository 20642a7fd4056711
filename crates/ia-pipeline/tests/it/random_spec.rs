//! Random flows as plain data.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::Index;

/// How a step takes what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    All,
    Maybe,
    One,
}

#[derive(Clone, Debug)]
pub(crate) struct StepSpec {
    pub(crate) takes: Takes,
    /// How many attempts fail before one succeeds.
    pub(crate) failures: u32,
    pub(crate) retries: u32,
    pub(crate) continue_on_error: bool,
    pub(crate) fallback: bool,
    pub(crate) yields: u32,
    pub(crate) items: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Always,
    Otherwise,
    /// When the output, divided by the first number, leaves the second.
    When(u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    End,
    Failure,
    Step(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeSpec {
    pub(crate) from: usize,
    pub(crate) to: To,
    pub(crate) kind: Kind,
}

/// A way back, taken when the output divided by three leaves `rest`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopSpec {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) rest: u32,
    pub(crate) limit: u32,
}

/// A flow. Step 0 begins it, and all arrows lead from a lower number to a higher one, save for the loops.
#[derive(Clone, Debug)]
pub(crate) struct FlowSpec {
    pub(crate) steps: Vec<StepSpec>,
    pub(crate) edges: Vec<EdgeSpec>,
    pub(crate) loops: Vec<LoopSpec>,
    /// The order in which the steps are added.
    pub(crate) order: Vec<usize>,
    pub(crate) max_steps: Option<usize>,
    pub(crate) max_runs: Option<usize>,
    pub(crate) input: u32,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        6 => Just(Kind::Always),
        3 => (2_u32..4, 0_u32..3).prop_map(|(by, rest)| Kind::When(by, rest % by)),
        2 => Just(Kind::Otherwise),
    ]
}

/// A step, how likely it is to take what, the arrows to it by places among the steps before, and one to an end.
type AnyStep = (StepSpec, u32, Vec<(Index, Kind)>, Option<(To, Kind)>);

fn any_step() -> impl Strategy<Value = AnyStep> {
    let failures = prop_oneof![6 => Just(0_u32), 1 => Just(1), 1 => Just(2)];
    let flags = (prop::bool::weighted(0.3), prop::bool::weighted(0.2));
    let spec = (failures, 0_u32..3, flags, 0_u32..4, 0_u8..4).prop_map(
        |(failures, retries, (continue_on_error, fallback), yields, items)| {
            let takes = Takes::One;
            StepSpec { takes, failures, retries, continue_on_error, fallback, yields, items }
        },
    );
    let ends = prop_oneof![3 => Just(To::End), 1 => Just(To::Failure)];
    let end = prop::option::weighted(0.15, (ends, kind()));
    (spec, 0_u32..10, prop::collection::vec((any::<Index>(), kind()), 1..4), end)
}

/// A flow without loops. Most of them can be built.
pub(crate) fn any_flow(steps: RangeInclusive<usize>) -> impl Strategy<Value = FlowSpec> {
    let limits = (prop::option::weighted(0.3, 1_usize..4), prop::option::weighted(0.2, 1_usize..3));
    let steps = prop::collection::vec(any_step(), steps).prop_flat_map(|steps| {
        let order = Just((0..steps.len()).collect::<Vec<_>>()).prop_shuffle();
        (Just(steps), order)
    });
    (steps, limits, any::<u32>()).prop_map(|((raw, mut order), (max_steps, max_runs), input)| {
        let (mut steps, mut edges) = (Vec::new(), Vec::<EdgeSpec>::new());
        for (number, (mut step, takes, ins, _)) in raw.iter().cloned().enumerate() {
            let to = To::Step(number);
            for (from, kind) in ins.into_iter().filter(|_| number > 0) {
                let from = from.index(number);
                if !edges.iter().any(|edge| edge.from == from && edge.to == to) {
                    edges.push(EdgeSpec { from, to, kind });
                }
            }
            let ins = edges.iter().filter(|edge| edge.to == to).count();
            step.takes = match (ins, takes) {
                (0, _) | (1, 0..=6) | (_, 0) => Takes::One,
                (1, 7 | 8) | (_, 1) => Takes::Maybe,
                _ => Takes::All,
            };
            steps.push(step);
        }
        for (from, (.., end)) in raw.iter().enumerate() {
            edges.extend(end.map(|(to, kind)| EdgeSpec { from, to, kind }));
        }
        // The step added first says what the input of a run is.
        let first = order.iter().position(|step| steps[*step].takes == Takes::One).unwrap_or(0);
        order[..=first].rotate_right(1);
        FlowSpec { steps, edges, loops: Vec::new(), order, max_steps, max_runs, input }
    })
}

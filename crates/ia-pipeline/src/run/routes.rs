//! Where the flow goes on after a step.

use super::failure::Failure;
use super::state::RunState;
use crate::builder::{LinkKind, Target};
use crate::data::Shared;
use crate::flow::EdgeKind;

/// The links that are followed after a step: a loop, or links ahead.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    pub(crate) ahead: Vec<usize>,
    pub(crate) back: Option<usize>,
}

impl Routes {
    /// Asks the conditions of a step's links about its output. The first loop that holds is taken, and then nothing ahead
    /// is followed.
    pub(crate) fn after(run: &RunState, step: usize, output: &Shared) -> Result<Self, Failure> {
        let (graph, outs) = (&run.core.graph, &run.core.graph.outs[step]);
        let holds = |link: usize| match graph.links[link].edge().condition() {
            Some(condition) => {
                condition.holds(&**output).map_err(|error| Failure::of(error, &[], None))
            }
            None => Ok(false),
        };
        for number in outs.iter().copied() {
            let link = &graph.links[number];
            let LinkKind::Loop { limit, .. } = link.kind else { continue };
            if holds(number)? {
                if run.take_loop(number) >= limit {
                    return Err(Failure::loop_limit(limit, &name(run, link.to)));
                }
                return Ok(Self { ahead: Vec::new(), back: Some(number) });
            }
        }
        let (mut routes, mut otherwise, mut held) = (Self::default(), Vec::new(), false);
        for number in outs.iter().copied().filter(|link| !graph.links[*link].is_loop()) {
            match graph.links[number].edge() {
                EdgeKind::Always => routes.ahead.push(number),
                EdgeKind::Otherwise => otherwise.push(number),
                EdgeKind::Loop { .. } | EdgeKind::When(_) => {
                    if holds(number)? {
                        held = true;
                        routes.ahead.push(number);
                    }
                }
            }
        }
        if !held {
            routes.ahead.extend(otherwise);
        }
        Ok(routes)
    }

    /// What is followed after a step that failed and whose failure does not end the run: everything that asks nothing.
    pub(crate) fn without_output(run: &RunState, step: usize) -> Self {
        let graph = &run.core.graph;
        let asks_nothing = |link: &usize| {
            matches!(graph.links[*link].edge(), EdgeKind::Always | EdgeKind::Otherwise)
        };
        Self { ahead: graph.outs[step].iter().copied().filter(asks_nothing).collect(), back: None }
    }
}

fn name(run: &RunState, target: Target) -> String {
    match target {
        Target::Step(step) => run.core.plans[step].name.to_string(),
        Target::End | Target::Failure => String::new(),
    }
}

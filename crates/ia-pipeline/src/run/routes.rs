//! Where the flow goes on after a step.

use super::failure::Failure;
use super::state::RunState;
use crate::builder::{LinkKind, Target};
use crate::data::Shared;
use crate::flow::EdgeKind;

/// The links that are followed after a step.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// Links ahead.
    pub(crate) ahead: Vec<usize>,
    /// Loops.
    pub(crate) back: Vec<usize>,
}

impl Routes {
    /// Asks the conditions of a step's links about its output.
    pub(crate) fn after(run: &RunState, step: usize, output: &Shared) -> Result<Self, Failure> {
        let (graph, mut routes) = (&run.core.graph, Self::default());
        let (mut held, mut otherwise) = (false, Vec::new());
        for number in graph.outs[step].iter().copied() {
            let link = &graph.links[number];
            let holds = link.edge().condition().is_some_and(|condition| condition.holds(&**output));
            held |= holds;
            match (&link.kind, link.edge()) {
                (LinkKind::Loop { limit, .. }, _) if holds => {
                    if run.take_loop(number) >= *limit {
                        return Err(Failure::LoopLimit { limit: *limit, to: name(run, link.to) });
                    }
                    routes.back.push(number);
                }
                (LinkKind::Ahead(_), EdgeKind::Always) => routes.ahead.push(number),
                (LinkKind::Ahead(_), EdgeKind::When(_)) if holds => routes.ahead.push(number),
                (LinkKind::Ahead(_), EdgeKind::Otherwise) => otherwise.push(number),
                _ => {}
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
        Self {
            ahead: graph.outs[step].iter().copied().filter(asks_nothing).collect(),
            back: Vec::new(),
        }
    }
}

fn name(run: &RunState, target: Target) -> String {
    match target {
        Target::Step(step) => run.core.plans[step].name.to_string(),
        Target::End | Target::Failure => String::new(),
    }
}

//! How far a run has come: which steps are done, and what waits at the doors of the others.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::routes::Routes;
use crate::builder::{Link, LinkKind, Target};
use crate::data::{Deliveries, Delivery, Shared};
use crate::flow::EdgeKind;
use crate::pipeline::Core;

/// The state of a run between steps.
pub(crate) struct Progress<'a> {
    core: &'a Core,
    steps: Vec<StepState>,
    /// By link: what came along it.
    arrivals: Vec<Option<Arrival>>,
    /// Loops that were taken and wait for what they restart to come to rest, with the value they carry.
    restarts: Vec<(usize, Shared)>,
    ready: Vec<(usize, Deliveries)>,
    /// By step that is ready: how long it waits before it starts.
    pauses: Vec<(usize, Duration)>,
    /// By the step that gave it: outputs of the run.
    outputs: Vec<(usize, Shared)>,
    failed_at: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepState {
    Done,
    Running,
    Skipped,
    Waiting,
}

/// What came along a link.
#[derive(Clone)]
enum Arrival {
    /// The step before failed and the run goes on: there is no value.
    Absent,
    Skipped,
    Value(Shared),
}

impl<'a> Progress<'a> {
    pub(crate) fn new(core: &'a Core, input: Shared) -> Self {
        let mut progress = Self {
            core,
            steps: vec![StepState::Waiting; core.plans.len()],
            arrivals: vec![None; core.graph.links.len()],
            restarts: Vec::new(),
            ready: Vec::new(),
            pauses: Vec::new(),
            outputs: Vec::new(),
            failed_at: None,
        };
        let start = core.graph.start;
        progress
            .start(start, vec![(Arc::clone(&core.name), Delivery::new(core.input, Some(input)))]);
        progress
    }

    /// The steps that can start now, with what they were given.
    pub(crate) fn take_ready(&mut self) -> Vec<(usize, Deliveries)> {
        self.restart();
        std::mem::take(&mut self.ready)
    }

    /// A step begins that yields its output item by item: the one step that takes it gets the stream now.
    pub(crate) fn opened(&mut self, step: usize, stream: Shared) {
        let taker = self.core.graph.outs[step].first();
        self.arrive(taker.map(|link| (*link, Arrival::Value(stream))).into_iter().collect());
    }

    /// Whether any step that is ready waits before it starts.
    pub(crate) fn has_pauses(&self) -> bool {
        !self.pauses.is_empty()
    }

    /// How long a step that is ready waits before it starts.
    pub(crate) fn take_pause(&mut self, step: usize) -> Duration {
        match self.pauses.iter().position(|(paused, _)| *paused == step) {
            Some(at) => self.pauses.swap_remove(at).1,
            None => Duration::ZERO,
        }
    }

    /// A step ended: with an output, or with none where its failure does not end the run.
    pub(crate) fn ended(&mut self, step: usize, output: Option<&Shared>, routes: &Routes) {
        self.steps[step] = StepState::Done;
        if self.core.plans[step].stream.is_some() {
            // It was given when the step began.
            return;
        }
        let graph = &self.core.graph;
        if let Some(value) = output {
            if let Some(link) = routes.back {
                // A loop that is taken again while it still waits carries the newer value.
                self.restarts.retain(|(pending, _)| *pending != link);
                self.restarts.push((link, Arc::clone(value)));
            }
            let ends = routes.ahead.iter().any(|link| graph.links[*link].to == Target::End);
            let leads_nowhere = routes.ahead.is_empty() && routes.back.is_none();
            let fits = self.core.plans[step].output.id() == self.core.gives().id();
            if fits && (ends || leads_nowhere) {
                self.outputs.push((step, Arc::clone(value)));
            }
        }
        if routes.ahead.iter().any(|link| graph.links[*link].to == Target::Failure) {
            self.failed_at = Some(step);
        }
        let arrivals: VecDeque<(usize, Arrival)> = graph.outs[step]
            .iter()
            .filter(|link| !graph.links[**link].is_loop())
            .map(|link| {
                let arrival = match (output, routes.ahead.contains(link)) {
                    (Some(value), true) => Arrival::Value(Arc::clone(value)),
                    (None, true) => Arrival::Absent,
                    (_, false) => Arrival::Skipped,
                };
                (*link, arrival)
            })
            .collect();
        self.arrive(arrivals);
    }

    /// The step at which the flow ended as a failure.
    pub(crate) fn failed_at(&self) -> Option<usize> {
        self.failed_at
    }

    /// The outputs of the steps at which the flow ended, in the order in which the steps were added, however they were
    /// timed.
    pub(crate) fn into_outputs(mut self) -> Vec<Shared> {
        self.outputs.sort_unstable_by_key(|(step, _)| *step);
        self.outputs.into_iter().map(|(_, output)| output).collect()
    }

    pub(crate) fn skipped(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.steps.len()).filter(|step| self.steps[*step] == StepState::Skipped)
    }

    fn start(&mut self, step: usize, deliveries: Deliveries) {
        self.steps[step] = StepState::Running;
        self.ready.push((step, deliveries));
    }

    /// Notes what came along links, and settles the steps that now know about all their predecessors.
    fn arrive(&mut self, mut open: VecDeque<(usize, Arrival)>) {
        while let Some((number, arrival)) = open.pop_front() {
            self.arrivals[number] = Some(arrival);
            let Target::Step(step) = self.core.graph.links[number].to else { continue };
            let ins = &self.core.graph.ins[step];
            if self.steps[step] != StepState::Waiting
                || ins.iter().any(|link| self.arrivals[*link].is_none())
            {
                continue;
            }
            if self.has_what_it_needs(step) {
                let deliveries = self.take_deliveries(step);
                self.start(step, deliveries);
            } else {
                self.steps[step] = StepState::Skipped;
                self.give_up_streams(step);
                let outs = self.core.graph.outs[step].iter();
                let ahead = outs.filter(|link| !self.core.graph.links[**link].is_loop());
                open.extend(ahead.map(|link| (*link, Arrival::Skipped)));
            }
        }
    }

    /// Nobody takes the streams that lead to this step: whoever yields them must not wait for it.
    fn give_up_streams(&mut self, step: usize) {
        for link in &self.core.graph.ins[step] {
            if self.core.plans[self.link(*link).from].stream.is_some() {
                self.arrivals[*link] = Some(Arrival::Absent);
            }
        }
    }

    fn has_what_it_needs(&self, step: usize) -> bool {
        let arrivals = || {
            self.core.graph.ins[step]
                .iter()
                .map(|link| (self.link(*link), self.arrivals[*link].as_ref()))
        };
        let taken = arrivals().any(|(_, arrival)| !matches!(arrival, Some(Arrival::Skipped)));
        let given = |arrival: Option<&Arrival>| matches!(arrival, Some(Arrival::Value(_)));
        let outputs =
            arrivals().map(|(link, arrival)| (self.core.plans[link.from].output, given(arrival)));
        taken && self.core.plans[step].input.accepts(outputs)
    }

    /// What the predecessors gave. A value that no other link holds is then owned by the step alone.
    fn take_deliveries(&mut self, step: usize) -> Deliveries {
        let links = &self.core.graph.ins[step];
        let deliver = |link: &usize| {
            let giver = &self.core.plans[self.core.graph.links[*link].from];
            let arrival = if self.core.graph.kept[*link] {
                self.arrivals[*link].clone()
            } else {
                self.arrivals[*link].replace(Arrival::Absent)
            };
            let value = match arrival {
                Some(Arrival::Value(value)) => Some(value),
                Some(Arrival::Absent | Arrival::Skipped) | None => None,
            };
            (Arc::clone(&giver.name), Delivery::new(giver.output, value))
        };
        links.iter().map(deliver).collect()
    }

    fn link(&self, number: usize) -> &'a Link {
        &self.core.graph.links[number]
    }

    /// Starts loops over whose steps have all come to rest, those that restart the most first.
    fn restart(&mut self) {
        loop {
            let at_rest =
                (0..self.restarts.len()).filter(|at| self.is_at_rest(self.restarts[*at].0));
            let Some(at) = at_rest.max_by_key(|at| self.restarted(self.restarts[*at].0).len())
            else {
                return;
            };
            let (number, value) = self.restarts.remove(at);
            let (link, restarted) = (self.link(number), self.restarted(number));
            let Target::Step(to) = link.to else { continue };
            // A loop that was taken inside what starts over is a part of the round that is over.
            self.restarts
                .retain(|(inner, _)| !restarted.contains(&self.core.graph.links[*inner].from));
            self.outputs.retain(|(step, _)| !restarted.contains(step));
            self.pauses.retain(|(step, _)| !restarted.contains(step));
            if let EdgeKind::Loop { pause, .. } = link.edge() {
                self.pauses.extend((!pause.is_zero()).then_some((to, *pause)));
            }
            for step in restarted {
                self.steps[*step] = StepState::Waiting;
                for inner in &self.core.graph.ins[*step] {
                    if restarted.contains(&self.link(*inner).from) {
                        self.arrivals[*inner] = None;
                    }
                }
            }
            let giver = &self.core.plans[link.from];
            let value = Delivery::new(giver.output, Some(value));
            self.start(to, vec![(Arc::clone(&giver.name), value)]);
        }
    }

    /// Whether all the steps that a loop restarts are done or skipped. One that still waits for a step outside the loop
    /// is not at rest: whether it runs must not depend on who is faster.
    fn is_at_rest(&self, link: usize) -> bool {
        let ended =
            |step: &usize| matches!(self.steps[*step], StepState::Done | StepState::Skipped);
        self.restarted(link).iter().all(ended)
    }

    /// The steps that a loop restarts.
    fn restarted(&self, link: usize) -> &'a [usize] {
        match &self.link(link).kind {
            LinkKind::Loop { restarts, .. } => restarts,
            LinkKind::Ahead(_) => &[],
        }
    }
}

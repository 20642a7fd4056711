//! Finds every mistake of a pipeline.

use std::any::TypeId;

use super::check_streams::streams_are_taken_once;
use super::error::BuildError;
use super::{Graph, Input, LinkKind, Settings, StepPlan, Target};
use crate::Flow;
use crate::data::{OutputType, Slots};
use crate::flow::EdgeKind;

/// Checks the steps, the flow and the settings together and resolves the flow.
pub(crate) fn check(
    plans: &[StepPlan],
    flow: Option<Flow>,
    settings: &Settings,
    input: OutputType,
    output: OutputType,
) -> Result<Graph, Vec<BuildError>> {
    let mut errors = Vec::new();
    settings_are_usable(settings, &mut errors);
    names_are_usable(plans, &mut errors);
    policies_are_usable(plans, &mut errors);
    services_are_there(plans, settings, &mut errors);
    if plans.is_empty() {
        errors.push(BuildError::EmptyPipeline);
        return Err(errors);
    }
    let before = errors.len();
    let mut graph = Graph::resolve(plans, flow, &mut errors);
    // What follows would only repeat that a name is wrong.
    if errors.len() == before && cycles_have_limits(plans, &graph, &mut errors) {
        loops_are_loops(plans, &mut graph, &mut errors);
        steps_are_reachable(plans, &graph, &mut errors);
        streams_are_taken_once(plans, &graph, &mut errors);
        types_fit(plans, &graph, input, &mut errors);
        inputs_are_unambiguous(plans, &graph, &mut errors);
        output_is_given(plans, &graph, output, &mut errors);
    }
    graph.note_kept();
    if errors.is_empty() { Ok(graph) } else { Err(errors) }
}

fn settings_are_usable(settings: &Settings, errors: &mut Vec<BuildError>) {
    if settings.name.is_empty() {
        errors.push(BuildError::EmptyName { of: "pipeline" });
    }
    if settings.max_steps == Some(0) {
        errors.push(BuildError::ZeroLimit { limit: "max_concurrency" });
    }
    if settings.max_runs == Some(0) {
        errors.push(BuildError::ZeroLimit { limit: "max_concurrent_runs" });
    }
}

fn names_are_usable(plans: &[StepPlan], errors: &mut Vec<BuildError>) {
    for (at, plan) in plans.iter().enumerate() {
        let step = plan.name.to_string();
        if step.is_empty() {
            errors.push(BuildError::EmptyName { of: "step" });
        } else if Flow::RESERVED.contains(&step.as_str()) {
            errors.push(BuildError::ReservedName { step });
        } else if plans[..at].iter().filter(|other| other.name == plan.name).count() == 1 {
            errors.push(BuildError::DuplicateStep { step });
        }
    }
}

fn policies_are_usable(plans: &[StepPlan], errors: &mut Vec<BuildError>) {
    for plan in plans {
        errors.extend(plan.policy.check().map(|error| {
            let step = plan.name.to_string();
            BuildError::UnusablePolicy { step, error }
        }));
    }
}

fn services_are_there(plans: &[StepPlan], settings: &Settings, errors: &mut Vec<BuildError>) {
    for plan in plans {
        for service in plan.services.iter().filter(|service| !settings.services.has(service.id)) {
            errors.push(BuildError::MissingService {
                step: plan.name.to_string(),
                service: service.name,
                given: settings.services.names().collect(),
            });
        }
    }
}

/// Follows the links in depth; a step met again on the way down closes a cycle. One is reported.
fn cycles_have_limits(plans: &[StepPlan], graph: &Graph, errors: &mut Vec<BuildError>) -> bool {
    let mut done = vec![false; plans.len()];
    for root in 0..plans.len() {
        let mut path: Vec<(usize, Vec<usize>)> = vec![(root, graph.successors(root).collect())];
        while let Some((step, open)) = path.last_mut() {
            let Some(next) = open.pop() else {
                done[*step] = true;
                path.pop();
                continue;
            };
            if let Some(begin) = path.iter().position(|(step, _)| *step == next) {
                let round = path[begin..].iter().map(|(step, _)| *step).chain([next]);
                let path = round.map(|step| plans[step].name.to_string()).collect();
                errors.push(BuildError::CycleWithoutLimit { path });
                return false;
            }
            if !done[next] {
                path.push((next, graph.successors(next).collect()));
            }
        }
    }
    true
}

fn loops_are_loops(plans: &[StepPlan], graph: &mut Graph, errors: &mut Vec<BuildError>) {
    for number in 0..graph.links.len() {
        let link = &graph.links[number];
        let LinkKind::Loop { limit, .. } = link.kind else { continue };
        if limit == 0 {
            errors.push(BuildError::ZeroLimit { limit: "the limit of a `.repeat`" });
        }
        let downstream = match link.to {
            Target::Step(to) => graph.downstream(to),
            Target::End | Target::Failure => Vec::new(),
        };
        if downstream.contains(&link.from) {
            if let LinkKind::Loop { restarts, .. } = &mut graph.links[number].kind {
                *restarts = downstream;
            }
        } else {
            let from = plans[link.from].name.to_string();
            errors.push(BuildError::NotALoop { from, to: target_name(link.to, plans) });
        }
    }
}

pub(super) fn target_name(target: Target, plans: &[StepPlan]) -> String {
    match target {
        Target::End => Flow::END.to_owned(),
        Target::Failure => Flow::FAILURE.to_owned(),
        Target::Step(step) => plans[step].name.to_string(),
    }
}

fn steps_are_reachable(plans: &[StepPlan], graph: &Graph, errors: &mut Vec<BuildError>) {
    let reached = graph.downstream(graph.start);
    let unreached = (0..plans.len()).filter(|step| !reached.contains(step));
    errors.extend(
        unreached.map(|step| BuildError::Unreachable { step: plans[step].name.to_string() }),
    );
}

fn types_fit(plans: &[StepPlan], graph: &Graph, input: OutputType, errors: &mut Vec<BuildError>) {
    let mut fits = |from: Option<usize>, to: usize, wanted: TypeId, takes: &'static str| {
        let given = from.map_or(input, |from| plans[from].output);
        if given.form(wanted).is_none() {
            let from = from.map(|from| plans[from].name.to_string());
            errors.push(BuildError::TypeMismatch {
                from,
                gives: given.name(),
                to: plans[to].name.to_string(),
                takes,
            });
        }
    };
    let mut arity = Vec::new();
    for (step, plan) in plans.iter().enumerate() {
        let starts = (step == graph.start).then_some(None);
        let givers: Vec<Option<usize>> =
            starts.into_iter().chain(graph.predecessors(step).map(Some)).collect();
        match &plan.input {
            Input::One { type_id, type_name, .. } => {
                givers.into_iter().for_each(|from| fits(from, step, *type_id, type_name));
            }
            Input::Join { slots: Slots::Each(slots), .. } if slots.len() == givers.len() => {
                givers
                    .into_iter()
                    .zip(slots)
                    .for_each(|(from, (id, name))| fits(from, step, *id, name));
            }
            Input::Join { slots: Slots::Each(slots), .. } => arity.push(BuildError::JoinArity {
                step: plan.name.to_string(),
                takes: slots.len(),
                predecessors: names(plans, graph.predecessors(step)),
            }),
            Input::Join { slots: Slots::Any | Slots::Merged, .. } => {}
        }
    }
    for link in graph.links.iter().filter(|link| link.is_loop()) {
        let Target::Step(to) = link.to else { continue };
        match &plans[to].input {
            Input::One { type_id, type_name, .. } => fits(Some(link.from), to, *type_id, type_name),
            Input::Join { slots: Slots::Merged, .. } => {}
            // A loop carries one value.
            Input::Join { .. } => {
                fits(Some(link.from), to, TypeId::of::<Several>(), "several values, as a join");
            }
        }
    }
    errors.extend(arity);
    for link in &graph.links {
        let (plan, condition) = (&plans[link.from], link.edge().condition());
        if let Some(condition) =
            condition.filter(|condition| condition.type_id() != plan.output.id())
        {
            errors.push(BuildError::ConditionType {
                step: plan.name.to_string(),
                gives: plan.output.name(),
                asks: condition.type_name(),
            });
        }
    }
}

/// A step that takes one value must not be given two in every run. Whether conditions exclude each other is seen only in
/// a run.
fn inputs_are_unambiguous(plans: &[StepPlan], graph: &Graph, errors: &mut Vec<BuildError>) {
    let mut always = vec![false; plans.len()];
    let mut open = vec![graph.start];
    let unconditional =
        |link: &&usize| matches!(graph.links[**link].kind, LinkKind::Ahead(EdgeKind::Always));
    while let Some(step) = open.pop() {
        if !std::mem::replace(&mut always[step], true) {
            let links =
                graph.outs[step].iter().filter(unconditional).map(|link| graph.links[*link].to);
            open.extend(
                links.filter_map(|to| if let Target::Step(to) = to { Some(to) } else { None }),
            );
        }
    }
    for (step, plan) in plans.iter().enumerate() {
        let sure = graph.ins[step]
            .iter()
            .filter(unconditional)
            .filter(|link| always[graph.links[**link].from])
            .count();
        if sure > 1 && matches!(plan.input, Input::One { .. }) {
            errors.push(BuildError::NeedsJoin {
                step: plan.name.to_string(),
                predecessors: names(plans, graph.predecessors(step)),
            });
        }
    }
}

/// Some end must give the output, also when a step that may fail has failed.
fn output_is_given(
    plans: &[StepPlan],
    graph: &Graph,
    output: OutputType,
    errors: &mut Vec<BuildError>,
) {
    let gives = |step: usize| graph.may_end_at(step) && plans[step].output.id() == output.id();
    if !(0..plans.len()).any(gives) {
        let ends = (0..plans.len()).filter(|step| graph.may_end_at(*step));
        errors.push(BuildError::NoOutput {
            wanted: output.name(),
            ends: ends
                .map(|step| (plans[step].name.to_string(), plans[step].output.name()))
                .collect(),
        });
        return;
    }
    let order = graph.in_order();
    // A stream whose step fails is a mistake of its own.
    let gives_nothing = |step: &usize| {
        let plan = &plans[*step];
        plan.policy.continue_on_error && plan.stream.is_none() && plan.stand_in.is_none()
    };
    for failed in (0..plans.len()).filter(gives_nothing) {
        let running = runs_without(plans, graph, &order, failed);
        if !(0..plans.len()).any(|step| running[step] && step != failed && gives(step)) {
            errors.push(BuildError::NothingToContinueTo { step: plans[failed].name.to_string() });
        }
    }
}

/// Which steps can run when one of them gives nothing.
fn runs_without(plans: &[StepPlan], graph: &Graph, order: &[usize], failed: usize) -> Vec<bool> {
    let mut running = vec![false; plans.len()];
    for step in order.iter().copied() {
        let given = |from: usize| (plans[from].output, running[from] && from != failed);
        let taken = graph.predecessors(step).any(|from| running[from]);
        running[step] = step == graph.start
            || taken && plans[step].input.accepts(graph.predecessors(step).map(given));
    }
    running
}

/// What a join takes, as no step gives it.
struct Several;

fn names(plans: &[StepPlan], steps: impl Iterator<Item = usize>) -> Vec<String> {
    steps.map(|step| plans[step].name.to_string()).collect()
}

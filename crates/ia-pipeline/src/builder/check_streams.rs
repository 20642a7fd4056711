//! Finds the mistakes that only streams make possible.

use super::error::BuildError::{self, Stream};
use super::graph::{Graph, Link, LinkKind, Target};
use super::{StepPlan, StreamBuildError, check::target_name};

/// A stream has one taker, from its first item to its last.
pub(super) fn streams_are_taken_once(
    plans: &[StepPlan],
    graph: &Graph,
    errors: &mut Vec<BuildError>,
) {
    for (step, plan) in plans.iter().enumerate() {
        match &plan.stream {
            Some(stream) => {
                if stream.capacity == 0 {
                    errors.push(BuildError::ZeroLimit { limit: "the capacity of a stream" });
                }
                stream_is_taken(plans, graph, step, errors);
            }
            None => stream_is_not_passed_on(plans, plan, errors),
        }
        streaming_begins_once(plans, graph, step, errors);
    }
    loops_restart_whole_streams(plans, graph, errors);
}

/// By one step, whatever happens.
fn stream_is_taken(plans: &[StepPlan], graph: &Graph, step: usize, errors: &mut Vec<BuildError>) {
    let name = || plans[step].name.to_string();
    let links: Vec<&Link> = graph.outs[step].iter().map(|link| &graph.links[*link]).collect();
    if links.iter().any(|link| link.edge().condition().is_some()) {
        errors.push(Stream(StreamBuildError::Condition { step: name() }));
    }
    let one_step = matches!(links[..], [Link { to: Target::Step(_), .. }]);
    if !one_step {
        let takers = links.iter().map(|link| target_name(link.to, plans)).collect();
        errors.push(Stream(StreamBuildError::Takers { step: name(), takers }));
    }
}

/// A step that is not itself one that yields gives no stream: its taker would not know when it ends.
fn stream_is_not_passed_on(plans: &[StepPlan], plan: &StepPlan, errors: &mut Vec<BuildError>) {
    let is_stream =
        |other: &StepPlan| other.stream.is_some() && other.output.id() == plan.output.id();
    if plans.iter().any(is_stream) {
        errors.push(Stream(StreamBuildError::PassedOn { step: plan.name.to_string() }));
    }
}

/// What has been taken or sent cannot be taken or sent once more.
fn streaming_begins_once(
    plans: &[StepPlan],
    graph: &Graph,
    step: usize,
    errors: &mut Vec<BuildError>,
) {
    let plan = &plans[step];
    let yields = plan.stream.is_some();
    let takes = graph.predecessors(step).any(|from| plans[from].stream.is_some());
    if (yields || takes) && plan.policy.max_concurrency.is_some() {
        errors.push(Stream(StreamBuildError::Concurrency { step: plan.name.to_string() }));
    }
    let unfit = [
        (yields || takes, plan.policy.retries > 0, "retries"),
        (yields || takes, plan.fallback.is_some(), "a fallback"),
        (yields, plan.policy.continue_on_error, "`continue_on_error`"),
    ];
    for (_, _, policy) in unfit.into_iter().filter(|(streams, set, _)| *streams && *set) {
        errors.push(Stream(StreamBuildError::Policy { step: plan.name.to_string(), policy }));
    }
}

/// A loop that starts a taker over starts over what yields to it.
fn loops_restart_whole_streams(plans: &[StepPlan], graph: &Graph, errors: &mut Vec<BuildError>) {
    for link in &graph.links {
        let LinkKind::Loop { restarts, .. } = &link.kind else { continue };
        for step in restarts {
            let outside = |from: &usize| plans[*from].stream.is_some() && !restarts.contains(from);
            if let Some(yields) = graph.predecessors(*step).find(outside) {
                errors.push(Stream(StreamBuildError::Loop {
                    from: plans[link.from].name.to_string(),
                    yields: plans[yields].name.to_string(),
                    takes: plans[*step].name.to_string(),
                }));
            }
        }
    }
}

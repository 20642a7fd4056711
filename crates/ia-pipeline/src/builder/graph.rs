//! A flow with its names resolved.

use std::collections::HashSet;

use super::StepPlan;
use super::error::BuildError;
use crate::flow::{Edge, EdgeKind, Flow};

/// The steps by number and the links between them.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) start: usize,
    pub(crate) links: Vec<Link>,
    /// By step: the links that lead to it, loops left out, in the order in which they were drawn.
    pub(crate) ins: Vec<Vec<usize>>,
    /// By step: the links that lead away from it.
    pub(crate) outs: Vec<Vec<usize>>,
    /// By link: whether its value is needed again when a loop starts over.
    pub(crate) kept: Vec<bool>,
}

/// A resolved arrow.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) to: Target,
    pub(crate) kind: LinkKind,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    End,
    Failure,
    Step(usize),
}

/// When a link is followed. A loop keeps which steps begin anew.
#[derive(Debug)]
pub(crate) enum LinkKind {
    Ahead(EdgeKind),
    Loop { edge: EdgeKind, limit: u32, restarts: Vec<usize> },
}

impl Link {
    pub(crate) fn edge(&self) -> &EdgeKind {
        match &self.kind {
            LinkKind::Ahead(edge) | LinkKind::Loop { edge, .. } => edge,
        }
    }

    pub(crate) fn is_loop(&self) -> bool {
        matches!(self.kind, LinkKind::Loop { .. })
    }

    fn step(&self) -> Option<usize> {
        match self.to {
            Target::Step(step) => Some(step),
            Target::End | Target::Failure => None,
        }
    }
}

impl Graph {
    /// Resolves the names of a flow; what cannot be resolved goes to `errors`.
    pub(crate) fn resolve(
        plans: &[StepPlan],
        flow: Option<Flow>,
        errors: &mut Vec<BuildError>,
    ) -> Self {
        let mut graph = Self {
            ins: vec![Vec::new(); plans.len()],
            outs: vec![Vec::new(); plans.len()],
            ..Self::default()
        };
        let Some(flow) = flow else {
            for to in 1..plans.len() {
                graph.push(Link {
                    from: to - 1,
                    to: Target::Step(to),
                    kind: LinkKind::Ahead(EdgeKind::Always),
                });
            }
            return graph;
        };
        let mut unknown = Vec::new();
        let mut find = |name: &str| {
            let found = plans.iter().position(|plan| *plan.name == *name);
            if found.is_none() && !unknown.iter().any(|known| known == name) {
                unknown.push(name.to_owned());
            }
            found
        };
        if let Some(start) = find(&flow.start) {
            graph.start = start;
        }
        for Edge { from, to, kind } in flow.edges {
            let target = match to.as_str() {
                Flow::END | "end_with_success" => Some(Target::End),
                Flow::FAILURE => Some(Target::Failure),
                name => find(name).map(Target::Step),
            };
            let (Some(begin), Some(target)) = (find(&from), target) else { continue };
            if graph.links.iter().any(|link| link.from == begin && link.to == target) {
                errors.push(BuildError::DuplicateEdge { from, to });
                continue;
            }
            let kind = match kind {
                EdgeKind::Loop { limit, .. } => {
                    LinkKind::Loop { edge: kind, limit, restarts: Vec::new() }
                }
                kind => LinkKind::Ahead(kind),
            };
            graph.push(Link { from: begin, to: target, kind });
        }
        errors.extend(
            unknown
                .into_iter()
                .map(|step| BuildError::UnknownStep { meant: meant(&step, plans), step }),
        );
        graph
    }

    fn push(&mut self, link: Link) {
        let number = self.links.len();
        self.outs[link.from].push(number);
        if let (Some(step), false) = (link.step(), link.is_loop()) {
            self.ins[step].push(number);
        }
        self.links.push(link);
    }

    /// The steps after this one, loops left out.
    pub(crate) fn successors(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        let links = self.outs[step].iter().map(|link| &self.links[*link]);
        links.filter(|link| !link.is_loop()).filter_map(Link::step)
    }

    /// The steps before this one, loops left out.
    pub(crate) fn predecessors(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        self.ins[step].iter().map(|link| self.links[*link].from)
    }

    /// This step and all steps that it leads to, loops left out, ascending.
    pub(crate) fn downstream(&self, step: usize) -> Vec<usize> {
        let mut seen = vec![false; self.outs.len()];
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            if !std::mem::replace(&mut seen[step], true) {
                open.extend(self.successors(step));
            }
        }
        (0..seen.len()).filter(|step| seen[*step]).collect()
    }

    /// Notes which values are needed again when a loop starts over: those that come into it from outside.
    pub(crate) fn note_kept(&mut self) {
        let mut kept = vec![false; self.links.len()];
        for link in &self.links {
            let LinkKind::Loop { restarts, .. } = &link.kind else { continue };
            let inside: HashSet<usize> = restarts.iter().copied().collect();
            let into = restarts.iter().flat_map(|step| &self.ins[*step]);
            into.filter(|link| !inside.contains(&self.links[**link].from))
                .for_each(|link| kept[*link] = true);
        }
        self.kept = kept;
    }

    /// A number that differs, in all likelihood, where steps or links do.
    pub(crate) fn shape(&self, plans: &[StepPlan]) -> u32 {
        let mut hash = crc32fast::Hasher::new();
        let mut put = |text: &str| {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        put(&plans[self.start].name);
        plans.iter().for_each(|plan| put(&plan.name));
        for link in &self.links {
            put(&plans[link.from].name);
            put(match link.to {
                Target::End => Flow::END,
                Target::Failure => Flow::FAILURE,
                Target::Step(step) => &plans[step].name,
            });
            put(match &link.kind {
                LinkKind::Ahead(EdgeKind::Always) => "always",
                LinkKind::Ahead(EdgeKind::Otherwise) => "otherwise",
                LinkKind::Ahead(_) => "when",
                LinkKind::Loop { .. } => "loop",
            });
        }
        hash.finalize()
    }

    /// The steps from those that begin, each after all its predecessors. Loops are left out, so there are no cycles.
    pub(crate) fn in_order(&self) -> Vec<usize> {
        let mut missing: Vec<usize> = self.ins.iter().map(Vec::len).collect();
        let mut order: Vec<usize> = (0..missing.len()).filter(|step| missing[*step] == 0).collect();
        let mut at = 0;
        while let Some(step) = order.get(at).copied() {
            at += 1;
            for next in self.successors(step) {
                missing[next] -= 1;
                if missing[next] == 0 {
                    order.push(next);
                }
            }
        }
        order
    }

    /// Whether conditions are asked after this step.
    pub(crate) fn asks_after(&self, step: usize) -> bool {
        self.outs[step].iter().any(|link| self.links[*link].edge().condition().is_some())
    }

    /// Whether the flow may end at this step, giving the run's output.
    pub(crate) fn may_end_at(&self, step: usize) -> bool {
        let mut ahead = self.outs[step]
            .iter()
            .map(|link| &self.links[*link])
            .filter(|link| !link.is_loop())
            .peekable();
        ahead.peek().is_none()
            || ahead.any(|link| link.to == Target::End)
            || self.is_conditional(step)
    }

    /// Whether all links away from this step, loops left out, ask something, so that none may be followed.
    fn is_conditional(&self, step: usize) -> bool {
        let links = self.outs[step].iter().map(|link| &self.links[*link]);
        links.filter(|link| !link.is_loop()).all(|link| matches!(link.edge(), EdgeKind::When(_)))
    }
}

/// The step whose name is nearest to this one, if any is near.
fn meant(name: &str, plans: &[StepPlan]) -> Option<String> {
    let names = plans.iter().map(|plan| (&plan.name, strsim::jaro_winkler(name, &plan.name)));
    let near =
        names.filter(|(_, likeness)| *likeness > 0.8).max_by(|(_, a), (_, b)| a.total_cmp(b));
    near.map(|(name, _)| name.to_string())
}

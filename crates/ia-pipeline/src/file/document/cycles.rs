//! Which paths lead back, and which steps the flow comes to.

use super::StepIds;
use super::condition::{Test, When};
use super::paths::PathSpec;
use crate::file::error::FlowFileErrorKind as Kind;
use crate::file::place::Place;
use crate::file::problems::Problems;
use crate::file::words::quoted;

/// Marks the paths that close a loop as the flow is followed in depth from its start, in the order of the file. Each
/// needs a condition, so that the loop can end.
pub(crate) fn mark(paths: &mut [PathSpec], start: usize, steps: &StepIds, problems: &mut Problems) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        Open,
        Done,
    }
    let outs = outs(paths, steps.names().len());
    let mut seen = vec![Seen::Not; outs.len()];
    let mut stack = vec![(start, 0)];
    seen[start] = Seen::Open;
    while let Some((step, next)) = stack.last_mut() {
        let Some(path) = outs[*step].get(*next).copied() else {
            seen[*step] = Seen::Done;
            stack.pop();
            continue;
        };
        *next += 1;
        let Some(to) = paths[path].to.step() else { continue };
        match seen[to] {
            Seen::Not => {
                seen[to] = Seen::Open;
                stack.push((to, 0));
            }
            Seen::Open => paths[path].back = true,
            Seen::Done => {}
        }
    }
    ask_what_leads_back(paths, &outs, steps, problems);
}

/// A way back without a condition is an error; one that is taken where nothing else holds asks just that.
fn ask_what_leads_back(
    paths: &mut [PathSpec],
    outs: &[Vec<usize>],
    steps: &StepIds,
    problems: &mut Problems,
) {
    // As the file says it: one that is rewritten must not be a part of the next one.
    let asked = |path: &PathSpec| match &path.when {
        When::If(test) => Some(test.clone()),
        When::Always | When::Else => None,
    };
    let asked: Vec<Option<Test>> = paths.iter().map(asked).collect();
    for at in (0..paths.len()).filter(|at| paths[*at].back).collect::<Vec<_>>() {
        let path = &paths[at];
        let others = outs[path.from].iter().filter(|other| **other != at);
        let tests: Vec<Test> = others.filter_map(|other| asked[*other].clone()).collect();
        match path.when {
            When::Else if !tests.is_empty() => paths[at].when = When::If(Test::None(tests)),
            When::If(_) => {}
            When::Always | When::Else => {
                let names = steps.names();
                let to = path.to.step().map_or("", |to| names[to].as_str());
                let message = format!(
                    "this path leads back from {} to {} and nothing asks whether to go back, so the loop could never \
                     end; give it a `condition`, and another path away from {} for the end of the loop",
                    quoted(&names[path.from]),
                    quoted(to),
                    quoted(&names[path.from]),
                );
                problems.error(path.place.clone(), Kind::Cycle, message);
            }
        }
    }
}

/// Says which steps the flow never comes to.
pub(crate) fn reach(
    paths: &[PathSpec],
    start: usize,
    steps: &[(String, Place)],
    problems: &mut Problems,
) {
    let outs = outs(paths, steps.len());
    let mut reached = vec![false; steps.len()];
    let mut open = vec![start];
    while let Some(step) = open.pop() {
        if !std::mem::replace(&mut reached[step], true) {
            open.extend(outs[step].iter().filter_map(|path| paths[*path].to.step()));
        }
    }
    for (step, _) in reached.iter().enumerate().filter(|(_, reached)| !**reached) {
        let (id, place) = &steps[step];
        let message =
            format!("the flow never comes to step {}; lead a path to it, or remove it", quoted(id));
        problems.error(place.clone(), Kind::Unreachable, message);
    }
}

/// By step: the paths away from it.
fn outs(paths: &[PathSpec], steps: usize) -> Vec<Vec<usize>> {
    let mut outs = vec![Vec::new(); steps];
    for (at, path) in paths.iter().enumerate() {
        outs[path.from].push(at);
    }
    outs
}

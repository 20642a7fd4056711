//! Spans as trees.

use std::collections::HashMap;

use crate::SpanData;

/// The indices of spans as trees, all in start order.
#[derive(Debug)]
pub(crate) struct Forest {
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
}

impl Forest {
    /// The trees of `spans`. A span whose parent is missing is a root.
    pub(crate) fn of(spans: &[SpanData]) -> Self {
        let by_id: HashMap<_, _> = spans
            .iter()
            .enumerate()
            .map(|(index, span)| ((span.trace_id(), span.span_id()), index))
            .collect();
        let mut in_order: Vec<usize> = (0..spans.len()).collect();
        in_order.sort_by_key(|&index| spans[index].start_order());

        let mut forest = Self { roots: Vec::new(), children: vec![Vec::new(); spans.len()] };
        for index in in_order {
            let span = &spans[index];
            let parent = span.parent_id().and_then(|id| by_id.get(&(span.trace_id(), id)));
            match parent {
                Some(&parent) => forest.children[parent].push(index),
                None => forest.roots.push(index),
            }
        }
        forest
    }

    /// Each span's index and depth, parents before their children. Roots have depth zero.
    ///
    /// A list of its own and no recursion: a trace may be deeper than the stack.
    pub(crate) fn walk(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut ahead: Vec<(usize, usize)> =
            self.roots.iter().rev().map(|&root| (root, 0)).collect();
        std::iter::from_fn(move || {
            let (index, depth) = ahead.pop()?;
            ahead.extend(self.children[index].iter().rev().map(|&child| (child, depth + 1)));
            Some((index, depth))
        })
    }
}

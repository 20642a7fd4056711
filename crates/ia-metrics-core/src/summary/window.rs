//! The window of one series.

use std::collections::VecDeque;

use super::buckets::{self, BUCKETS};
use super::cells::{Extremes, KEPT, Run};

/// What was observed in the latest steps, and what all threads had counted when they began.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The step that is not over yet.
    step: u64,
    /// What all threads had counted when it began.
    base: Vec<u64>,
    /// The steps that are over, newest first.
    slices: VecDeque<Slice>,
    /// What threads without a slab have counted.
    alone: Alone,
}

/// What was added in one step.
#[derive(Debug)]
struct Slice {
    step: u64,
    counts: Vec<(u16, u64)>,
    extremes: Option<Extremes>,
}

/// What is counted under the lock, by threads without a slab.
#[derive(Debug, Default)]
struct Alone {
    count: u64,
    sum: u64,
    counts: Vec<u64>,
    extremes: VecDeque<(u64, Extremes)>,
}

/// What a window and a series hold at one moment.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// All that was ever observed.
    pub(crate) count: u64,
    /// Its sum, as the bits of the type of values.
    pub(crate) sum: u64,
    /// The counts of the window.
    counts: Vec<u64>,
    extremes: Option<Extremes>,
}

impl Window {
    /// Ends the steps before `step`, given the cells of all threads.
    pub(super) fn advance<'a>(&mut self, step: u64, runs: impl Iterator<Item = Run<'a>> + Clone) {
        if step <= self.step {
            return;
        }
        let counts = self.counts(runs.clone());
        let base = std::mem::replace(&mut self.base, counts);
        let added: Vec<(u16, u64)> = (0..)
            .zip(&self.base)
            .enumerate()
            .map(|(at, (bucket, count))| (bucket, count - base.get(at).copied().unwrap_or(0)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let extremes = self.extremes(self.step, runs);
        if !added.is_empty() {
            self.slices.push_front(Slice { step: self.step, counts: added, extremes });
        }
        self.step = step;
        self.slices.retain(|slice| slice.step + KEPT > step);
        self.alone.extremes.retain(|(of, _)| of + KEPT > step);
    }

    /// Counts a value for a thread without a slab.
    pub(super) fn record(&mut self, step: u64, value: u64, sum: impl FnOnce(u64) -> u64) {
        self.alone.count += 1;
        self.alone.sum = sum(self.alone.sum);
        self.alone.counts.resize(BUCKETS, 0);
        self.alone.counts[buckets::bucket(value)] += 1;
        match self.alone.extremes.iter_mut().find(|(of, _)| *of == step) {
            Some((_, extremes)) => *extremes = extremes.with(Extremes::of(value)),
            None => self.alone.extremes.push_back((step, Extremes::of(value))),
        }
    }

    /// How many values threads without a slab have counted.
    pub(super) fn alone(&self) -> u64 {
        self.alone.count
    }

    /// What is there now, of the steps up to the current one.
    pub(super) fn read<'a>(
        &self,
        runs: impl Iterator<Item = Run<'a>> + Clone,
        add: impl Fn(u64, u64) -> u64,
        reading: &mut Reading,
    ) {
        let mut all = std::mem::take(&mut reading.counts);
        all.clear();
        all.resize(BUCKETS, 0);
        self.count_into(&mut all, runs.clone());
        reading.count = all.iter().sum();
        reading.sum = runs.clone().fold(self.alone.sum, |sum, run| add(sum, run.sum()));
        for (count, base) in all.iter_mut().zip(&self.base) {
            *count -= base;
        }
        reading.extremes = self.extremes(self.step, runs);
        for slice in &self.slices {
            for (bucket, count) in &slice.counts {
                all[usize::from(*bucket)] += count;
            }
            reading.extremes = join(reading.extremes, slice.extremes);
        }
        reading.counts = all;
    }

    fn counts<'a>(&self, runs: impl Iterator<Item = Run<'a>>) -> Vec<u64> {
        let mut counts = vec![0; BUCKETS];
        self.count_into(&mut counts, runs);
        counts
    }

    fn count_into<'a>(&self, counts: &mut [u64], runs: impl Iterator<Item = Run<'a>>) {
        runs.for_each(|run| run.add_counts(counts));
        for (count, alone) in counts.iter_mut().zip(&self.alone.counts) {
            *count += alone;
        }
    }

    fn extremes<'a>(&self, step: u64, runs: impl Iterator<Item = Run<'a>>) -> Option<Extremes> {
        let alone = self.alone.extremes.iter().find(|(of, _)| *of == step);
        runs.map(|run| run.extremes(step)).fold(alone.map(|(_, extremes)| *extremes), join)
    }
}

impl Reading {
    /// The value of rank `ceil(q * n)` of the window.
    pub(crate) fn quantile(&self, q: f64) -> Option<u64> {
        let Extremes { smallest, largest } = self.extremes?;
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        let total: u64 = self.counts.iter().sum();
        let rank = (q * total as f64).ceil();
        if rank <= 1.0 {
            return Some(smallest);
        }
        if rank >= total as f64 {
            return Some(largest);
        }
        let mut below = 0;
        let reached = self.counts.iter().position(|count| {
            below += count;
            below as f64 >= rank
        });
        reached.map(|bucket| buckets::middle(bucket).clamp(smallest, largest))
    }
}

fn join(one: Option<Extremes>, other: Option<Extremes>) -> Option<Extremes> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.with(other)),
        (one, other) => one.or(other),
    }
}

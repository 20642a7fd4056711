//! Times recording: the operation of a subject and its limit, in turns, on one thread or several.

use std::sync::Barrier;
use std::thread;

use super::chunks::{self, Chunk};
use super::overlap::overlapped;
use crate::work::Work;
use ia_bench_machine as os;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// How often subject and limit take turns.
    pub(crate) rounds: u32,
    /// How long each turn is.
    pub(crate) ns: u64,
}

/// Fewer undisturbed chunks than this do not make a median.
const ENOUGH: usize = 30;
/// A subject blocks where more than this share of the time went into chunks that had to wait.
const BLOCKING: f64 = 0.02;
/// How often a round is repeated on a machine that disturbs too much.
const MOST_ROUNDS: u32 = 6;

/// The ns per operation of `subject` and of `limit`, measured in turns.
pub(crate) fn recording(
    subject: &Work,
    limit: &Work,
    threads: usize,
    budget: Budget,
) -> (f64, f64) {
    let (mut own, mut bound) = (Vec::new(), Vec::new());
    let mut rounds = 0;
    while rounds < budget.rounds
        || (own.len().min(bound.len()) < ENOUGH && rounds < budget.rounds * MOST_ROUNDS)
    {
        bound.extend(samples(limit, threads, budget.ns / 2));
        own.extend(samples(subject, threads, budget.ns));
        rounds += 1;
    }
    let of = if threads == 1 { fastest } else { usual };
    (of(&own), of(&bound))
}

fn samples(work: &Work, threads: usize, ns: u64) -> Vec<Chunk> {
    let mut chunks = run(work, threads, ns);
    if threads == 1 { chunks.remove(0) } else { overlapped(&chunks) }
}

/// Runs `work` on so many threads, each bound to a processor of its own.
fn run(work: &Work, threads: usize, ns: u64) -> Vec<Vec<Chunk>> {
    let cpus = os::cpus();
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|i| {
                let (cpu, barrier) = (cpus[i % cpus.len()], &barrier);
                scope.spawn(move || {
                    os::pin(cpu);
                    let mut turns = work.start();
                    barrier.wait();
                    chunks::run(&mut turns, ns)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("a subject panicked")).collect()
    })
}

fn fastest(chunks: &[Chunk]) -> f64 {
    chunks.iter().map(Chunk::ns).min_by(f64::total_cmp).unwrap_or(f64::NAN)
}

/// The median; the mean where threads block each other. A thread that has the lock runs many short chunks, and the one
/// that waits for it a single long one, which a median would not see.
fn usual(chunks: &[Chunk]) -> f64 {
    let time = |chunks: &mut dyn Iterator<Item = &Chunk>| -> f64 {
        chunks.map(|chunk| chunk.ns() * chunk.turns()).sum()
    };
    let all = time(&mut chunks.iter());
    if time(&mut chunks.iter().filter(|chunk| chunk.blocked)) > BLOCKING * all {
        return all / chunks.iter().map(Chunk::turns).sum::<f64>();
    }
    let mut ns: Vec<f64> = chunks.iter().map(Chunk::ns).collect();
    ns.sort_by(f64::total_cmp);
    ns.get(ns.len() / 2).copied().unwrap_or(f64::NAN)
}

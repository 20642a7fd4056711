//! A subject and its baseline in turns: on, off, off, on, and then the other way round.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ia_bench_machine::{cpus, pin, switches};
use ia_overhead_comparison::{Job, Runner, WARM, runtime};
use tokio::runtime::Runtime;

use super::gate::Gate;

/// Long enough that the looks at the clock and at the counts of switches cost nothing beside it.
const BLOCK: Duration = Duration::from_micros(250);
/// How often the runners are tidied up: between turns, never within.
const TIDY: Duration = Duration::from_millis(20);
/// How long both sides do the job before they are timed.
const WARM_UP: Duration = Duration::from_millis(5);

/// Two blocks of each side, in nanoseconds per run, over all threads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turn {
    pub(crate) on: f64,
    pub(crate) off: f64,
    /// Whether a thread lost its processor to another process in between.
    pub(crate) disturbed: bool,
}

/// Runs both sides in turns for about `budget`, on so many threads, each bound to a processor of its own.
pub(crate) fn turns(
    on: &dyn Runner,
    off: &dyn Runner,
    job: Job,
    threads: usize,
    budget: Duration,
) -> Vec<Turn> {
    let (gate, over, cpus) = (Gate::new(threads), AtomicBool::new(false), cpus());
    let mut all: Vec<Vec<Turn>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|number| {
                let (gate, over, cpu) = (&gate, &over, cpus[number % cpus.len()]);
                scope.spawn(move || {
                    pin(cpu);
                    let side = Side { on, off, job, runtime: runtime() };
                    if number == 0 {
                        side.prepare();
                    }
                    gate.wait();
                    side.turns(gate, over, number == 0, budget)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("a subject panicked")).collect()
    });
    let first = all.pop().unwrap_or_default();
    all.into_iter()
        .fold(first, |sum, own| sum.into_iter().zip(own).map(|(sum, own)| sum.and(own)).collect())
        .into_iter()
        .map(|sum| sum.over(threads))
        .collect()
}

/// What one thread does.
struct Side<'a> {
    on: &'a dyn Runner,
    off: &'a dyn Runner,
    job: Job,
    runtime: Runtime,
}

impl Side<'_> {
    /// Fills what fills up once.
    fn prepare(&self) {
        for runner in [self.on, self.off] {
            runner.prepare();
            self.runtime.block_on(runner.runs(Job::none(), WARM));
            runner.tidy();
        }
    }

    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    fn turns(&self, gate: &Gate, over: &AtomicBool, leads: bool, budget: Duration) -> Vec<Turn> {
        let runs = self.runs_per_block();
        let (began, mut tidied) = (Instant::now(), Instant::now());
        let mut turns = Vec::new();
        loop {
            if leads {
                if began.elapsed() >= budget {
                    over.store(true, Ordering::Release);
                }
                if tidied.elapsed() >= TIDY {
                    self.on.tidy();
                    self.off.tidy();
                    tidied = Instant::now();
                }
            }
            gate.wait();
            if over.load(Ordering::Acquire) {
                return turns;
            }
            // Whoever comes first in one turn comes second in the next.
            let first = turns.len() % 2 == 0;
            let mut turn = Turn::default();
            for on in [first, !first, !first, first] {
                gate.wait();
                let (ns, disturbed) = self.block(on, runs);
                *(if on { &mut turn.on } else { &mut turn.off }) += ns / 2.0;
                turn.disturbed |= disturbed;
            }
            turns.push(turn);
        }
    }

    /// Nanoseconds per run, and whether the thread lost its processor.
    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    fn block(&self, on: bool, runs: u32) -> (f64, bool) {
        let runner = if on { self.on } else { self.off };
        let before = switches();
        let start = Instant::now();
        self.runtime.block_on(runner.runs(self.job, runs));
        let took = start.elapsed();
        let disturbed = switches().preempted != before.preempted;
        (took.as_nanos() as f64 / f64::from(runs), disturbed)
    }

    /// How many runs of the slower side make a block; finding out warms both up.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float stops at the ends of the range"
    )]
    #[expect(clippy::disallowed_methods, reason = "measuring time is the job")]
    fn runs_per_block(&self) -> u32 {
        let began = Instant::now();
        let mut ns = f64::INFINITY;
        while began.elapsed() < WARM_UP || ns.is_infinite() {
            ns = ns.min(self.block(true, 1).0.max(self.block(false, 1).0));
        }
        (BLOCK.as_nanos() as f64 / ns).ceil() as u32
    }
}

impl Turn {
    fn and(self, other: Self) -> Self {
        Self {
            on: self.on + other.on,
            off: self.off + other.off,
            disturbed: self.disturbed || other.disturbed,
        }
    }

    fn over(self, threads: usize) -> Self {
        let threads = threads as f64;
        Self { on: self.on / threads, off: self.off / threads, ..self }
    }
}

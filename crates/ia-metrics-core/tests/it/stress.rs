//! Threads that run freely, while series come and go.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ia_metrics_core::{Counter, CounterDesc, Family, Registry};

use crate::clock::ManualClock;

const TIMEOUT: Duration = Duration::from_millis(1);
const JOBS: CounterDesc<1> =
    CounterDesc::new("jobs_total", "Jobs.", ["id"]).idle_timeout(TIMEOUT).series_limit(10_000);

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Looks series of its own up, and says so where one of them has what it did not count.
fn look_up(registry: &Registry, jobs: &Family<Counter, 1>, thread: u64, keys: u64, rounds: u64) {
    let ids: Vec<String> = (0..keys).map(|key| format!("{thread} {key}")).collect();
    let mut numbers = Numbers(thread);
    for round in 0..rounds {
        let key = numbers.below(keys);
        let unit = 1_000_003 + thread * keys + key;
        let id = &*ids[key as usize];
        let job = jobs.with([id]);
        job.add(unit);
        let value = job.value();
        assert_eq!(value % unit, 0, "{id} has what another series counted");
        if round % 4_096 == 0 {
            // As long as there is a handle, the series stays.
            let snapshot = registry.snapshot();
            assert_eq!(snapshot.value("jobs_total", [("id", id)]), Some(value as f64), "{id}");
        }
    }
}

#[test]
fn a_series_that_is_looked_up_while_it_is_evicted_stays_or_begins_anew() {
    for keys in [10, 300, 2_000] {
        let clock = ManualClock::new();
        let registry = Registry::builder().clock(clock.clone()).build();
        let (jobs, stop) = (registry.counter(&JOBS), AtomicBool::new(false));
        thread::scope(|scope| {
            let evictor = scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    clock.advance(TIMEOUT);
                    registry.visit(|_| ());
                }
            });
            let workers = [0, 1].map(|thread| {
                let (registry, jobs) = (&registry, &jobs);
                scope.spawn(move || look_up(registry, jobs, thread, keys, rounds()))
            });
            let ended: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
            stop.store(true, Ordering::Relaxed);
            evictor.join().unwrap();
            ended.into_iter().for_each(|ended| ended.unwrap());
        });
    }
}

#[test]
fn a_series_that_is_looked_up_while_it_is_removed_begins_anew() {
    let registry = Registry::new();
    let (jobs, stop) = (registry.counter(&JOBS), AtomicBool::new(false));
    thread::scope(|scope| {
        let remover = scope.spawn(|| {
            let mut numbers = Numbers(7);
            while !stop.load(Ordering::Relaxed) {
                match numbers.below(100) {
                    0 => jobs.clear(),
                    key => drop(jobs.remove([format!("{} {key}", key % 2)])),
                }
            }
        });
        let workers = [0, 1].map(|thread| {
            let jobs = &jobs;
            scope.spawn(move || {
                let ids: Vec<String> = (0..100).map(|key| format!("{thread} {key}")).collect();
                let mut numbers = Numbers(thread);
                for _ in 0..rounds() {
                    let key = numbers.below(100);
                    let unit = 1_000_003 + thread * 100 + key;
                    let job = jobs.with([&ids[key as usize]]);
                    job.add(unit);
                    assert_eq!(job.value() % unit, 0, "it has what another series counted");
                }
            })
        });
        let ended: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        stop.store(true, Ordering::Relaxed);
        remover.join().unwrap();
        ended.into_iter().for_each(|ended| ended.unwrap());
    });
    jobs.clear();
    // Every place can be used again: nothing was leaked.
    let handles: Vec<_> = (0..200).map(|id| jobs.with([id.to_string()])).collect();
    assert!(handles.iter().all(|handle| handle.value() == 0));
}

/// `IA_STRESS` says how many times as much is done.
fn rounds() -> u64 {
    let times = std::env::var("IA_STRESS").ok().and_then(|times| times.parse().ok());
    times.unwrap_or(1) * 100_000
}

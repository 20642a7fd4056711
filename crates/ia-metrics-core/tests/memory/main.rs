//! Memory stays bounded. A binary of its own, as memory is everybody's.
//!
//! `IA_STRESS` says how many times as much is done.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ia_metrics_core::{
    Clock, CounterDesc, GaugeDesc, HistogramDesc, Registry, SummaryDesc, SystemClock,
};

const MIB: usize = 1 << 20;
const JOBS: CounterDesc<1> = CounterDesc::new("jobs_total", "Jobs.", ["id"]);
const SIZES: HistogramDesc<1> = HistogramDesc::new("sizes", "Sizes.", ["id"]);

/// The tests take turns.
fn in_turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn times(times: usize) -> usize {
    let stress = std::env::var("IA_STRESS").ok().and_then(|stress| stress.parse().ok());
    times * stress.unwrap_or(1)
}

/// Address space and resident memory, in bytes.
fn memory() -> (usize, usize) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let mut pages = pages.split(' ').map(|pages| pages.parse::<usize>().unwrap() * 4_096);
    (pages.next().unwrap(), pages.next().unwrap())
}

fn resident() -> usize {
    memory().1
}

#[test]
fn a_histogram_that_nobody_scrapes_does_not_grow() {
    let _turn = in_turn();
    let registry = Registry::new();
    let sizes = registry.histogram(&SIZES).with(["a"]);
    let observe = |count: usize| (0..count).for_each(|value| sizes.observe(value as f64));
    observe(100_000);
    let before = resident();
    observe(times(1_000_000));
    assert!(resident() <= before + MIB, "{} more bytes", resident() - before);
    assert_eq!(sizes.count(), (times(1_000_000) + 100_000) as u64);
}

#[test]
fn any_number_of_label_values_stays_within_ten_mebibytes() {
    let _turn = in_turn();
    let before = resident();
    let registry = Registry::new();
    let (jobs, sizes) = (registry.counter(&JOBS), registry.histogram(&SIZES));
    let values = times(100_000);
    for value in 0..values {
        let value = format!("a value of more than thirty-two bytes {value}");
        jobs.with([&value]).inc();
        sizes.with([&value]).observe(1.0);
    }
    let snapshot = registry.snapshot();
    assert!(resident() <= before + 10 * MIB, "{} more bytes", resident() - before);
    for name in ["jobs_total", "sizes"] {
        let overflow = snapshot.value(name, [("otel_metric_overflow", "true")]);
        assert_eq!(overflow, Some((values - 2_000) as f64));
    }
}

#[test]
fn there_are_as_many_slabs_as_there_were_threads_at_once() {
    let _turn = in_turn();
    let registry = Registry::new();
    let jobs = registry.counter(&JOBS);
    let record = || (0..100).for_each(|_| jobs.with(["a"]).inc());
    let (one, _) = memory();
    for _ in 0..=1_000 {
        // Joined, as a scope does not wait for destructors of thread-locals.
        thread::scope(|scope| scope.spawn(record).join().unwrap());
    }
    let (many, _) = memory();
    // That of this thread, had it none yet, and that of the thread; and an arena of the allocator.
    assert!(many - one <= 3 * 130 * MIB, "{} more MiB of addresses", (many - one) / MIB);

    // Blocking threads of a run-time, all at once; and again.
    let at_once = || {
        let barrier = Arc::new(Barrier::new(500));
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for _ in 0..500 {
                let barrier = Arc::clone(&barrier);
                let thread = thread::Builder::new()
                    .stack_size(64 * 1_024)
                    .spawn_scoped(scope, move || {
                        record();
                        barrier.wait();
                    })
                    .unwrap();
                threads.push(thread);
            }
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
    };
    at_once();
    let (first, resident_first) = memory();
    (0..5).for_each(|_| at_once());
    let (last, resident_last) = memory();
    assert!(last.saturating_sub(first) <= 260 * MIB, "{} more MiB", (last - first) / MIB);
    assert!(resident_last <= resident_first + 8 * MIB, "{}", resident_last - resident_first);
    assert_eq!(jobs.with(["a"]).value(), (1_001 + 6 * 500) * 100);
}

/// A clock that jumps with each reading.
#[derive(Debug)]
struct Jumping(Mutex<Instant>);

impl Clock for Jumping {
    fn now(&self) -> Instant {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += Duration::from_secs(1);
        *now
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }
}

#[test]
fn series_that_come_and_go_leave_nothing_behind() {
    const TIMEOUT: Duration = Duration::from_secs(1);
    let _turn = in_turn();
    let clock = Jumping(Mutex::new(SystemClock.now()));
    let registry = Registry::builder().clock(clock).build();
    let jobs = registry.counter(&JOBS.idle_timeout(TIMEOUT));
    let sizes = registry.histogram(&SIZES.idle_timeout(TIMEOUT));
    let ages = registry.summary(
        &SummaryDesc::<1, Duration>::seconds("age_seconds", "Ages.", ["id"]).idle_timeout(TIMEOUT),
    );
    let levels =
        registry.gauge(&GaugeDesc::<1>::new("level", "Levels.", ["id"]).idle_timeout(TIMEOUT));
    let mut next = 0;
    let mut round = || {
        for _ in 0..10 {
            // As many texts as there are series, of one length: memory for texts is kept by size.
            let id = format!("a value of more than thirty-two bytes {next:08}");
            next += 1;
            for _ in 0..10 {
                jobs.with([&id]).inc();
                sizes.with([&id]).observe(0.1);
                ages.with([&id]).observe(Duration::from_secs(1));
                levels.with([&id]).set(1);
            }
        }
        (0..3).for_each(|_| drop(registry.snapshot()));
    };
    (0..200).for_each(|_| round());
    let before = resident();
    (0..times(300)).for_each(|_| round());
    assert!(resident() <= before + MIB, "{} more bytes", resident() - before);
    assert_eq!(registry.stats().series, 0);
}

#[test]
fn registries_that_come_and_go_leave_nothing_behind() {
    let _turn = in_turn();
    let round = || {
        let registry = Registry::new();
        let jobs = registry.counter(&JOBS);
        let handles: Vec<_> = (0..20).map(|id| jobs.with([id.to_string()])).collect();
        let sizes = registry.histogram(&SIZES).with(["a"]);
        for _ in 0..20 {
            handles.iter().for_each(ia_metrics_core::Counter::inc);
            sizes.observe(1.0);
        }
        let snapshot = registry.snapshot();
        // The handles go last: the next registry looks after what they leave.
        drop((registry, jobs));
        assert_eq!(snapshot.sum("jobs_total", []).to_bits(), 400_f64.to_bits());
    };
    (0..100).for_each(|_| round());
    let before = resident();
    (0..times(1_000)).for_each(|_| round());
    assert!(resident() <= before + MIB, "{} more bytes", resident() - before);
}

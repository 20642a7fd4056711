//! What allocates nothing. A binary of its own, as the allocator is everybody's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ia_metrics_core::{
    Clock, Counter, CounterDesc, Descriptor, Gauge, GaugeDesc, Histogram, HistogramDesc, Registry,
    Summary, SummaryDesc, SystemClock, UpDownCounter, UpDownCounterDesc,
};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
struct Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe by nature")]
// SAFETY: it is the system's allocator, which is one.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The tests take turns: what one of them starts, a thread or a page of cells, is something new for all registries.
fn in_turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn allocations(run: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

/// A clock that stands still: a summary stays within one step of its window.
#[derive(Debug)]
struct Still(Instant);

impl Clock for Still {
    fn now(&self) -> Instant {
        self.0
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }
}

fn registry() -> Registry {
    Registry::builder().clock(Still(SystemClock.now())).build()
}

const JOBS: CounterDesc<2> = CounterDesc::new("jobs_total", "Jobs.", ["kind", "user"]);
const OPEN: UpDownCounterDesc<1> = UpDownCounterDesc::new("open", "Open.", ["kind"]);
const LEVEL: GaugeDesc<0, f64> = GaugeDesc::new("level", "A level.", []);
const SIZE: HistogramDesc<1> = HistogramDesc::new("size", "Sizes.", ["kind"]);
const BYTES: HistogramDesc<1, u64> =
    HistogramDesc::new("work_bytes", "Bytes.", ["kind"]).buckets(&[1.0, 10.0, 100.0]);
const TIME: HistogramDesc<0, Duration> = HistogramDesc::seconds("time_seconds", "Times.", []);
const AGE: SummaryDesc<1, Duration> = SummaryDesc::seconds("age_seconds", "Ages.", ["kind"]);

/// One handle of each kind.
#[derive(Clone)]
struct Handles {
    jobs: Counter,
    open: UpDownCounter,
    level: Gauge<f64>,
    size: Histogram,
    bytes: Histogram<u64>,
    time: Histogram<Duration>,
    age: Summary<Duration>,
}

impl Handles {
    fn of(registry: &Registry, kind: &str) -> Self {
        Self {
            jobs: registry.counter(&JOBS).with([kind, "ann"]),
            open: registry.up_down_counter(&OPEN).with([kind]),
            level: registry.gauge(&LEVEL).get(),
            size: registry.histogram(&SIZE).with([kind]),
            bytes: registry.histogram(&BYTES).with([kind]),
            time: registry.histogram(&TIME).get(),
            age: registry.summary(&AGE).with([kind]),
        }
    }

    fn record(&self, value: u32) {
        self.jobs.inc();
        self.jobs.add(u64::from(value));
        self.open.add(-1);
        drop(self.open.in_flight());
        self.level.set(f64::from(value));
        self.level.add(0.5);
        drop(self.level.in_flight());
        self.size.observe(f64::from(value));
        self.bytes.observe(u64::from(value));
        self.time.observe(Duration::from_millis(u64::from(value)));
        self.age.observe(Duration::from_millis(u64::from(value)));
    }
}

/// A registry with some series of each kind, each with its slots.
fn warm(kinds: &[&str]) -> (Registry, Vec<Handles>) {
    let registry = registry();
    let handles: Vec<_> = kinds.iter().map(|kind| Handles::of(&registry, kind)).collect();
    for value in 0..20 {
        handles.iter().for_each(|handles| handles.record(value));
    }
    (registry, handles)
}

#[test]
fn recording_through_handles_allocates_nothing() {
    let _turn = in_turn();
    let (_registry, handles) = warm(&["a", "b"]);
    let count = allocations(|| {
        for value in 0..1_000 {
            handles.iter().for_each(|handles| handles.record(value));
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn cloning_and_dropping_handles_allocates_nothing() {
    let _turn = in_turn();
    let (_registry, handles) = warm(&["a", "b"]);
    let count = allocations(|| {
        for _ in 0..1_000 {
            handles.iter().for_each(|handles| drop(handles.clone()));
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn recording_while_the_registry_is_off_allocates_nothing() {
    let _turn = in_turn();
    let (registry, handles) = warm(&["a"]);
    let count = allocations(|| {
        registry.set_enabled(false);
        handles.iter().for_each(|handles| handles.record(1));
        registry.set_enabled(true);
        handles.iter().for_each(|handles| handles.record(1));
    });
    assert_eq!(count, 0);
}

#[test]
fn looking_up_a_series_that_is_there_allocates_nothing() {
    let _turn = in_turn();
    let long = "x".repeat(2_000);
    let kinds = ["a", "a kind with a name of more than 16 bytes", &long, "", "é"];
    let (registry, _handles) = warm(&kinds);
    let families = (registry.counter(&JOBS), registry.summary(&AGE), registry.histogram(&SIZE));
    let look_up = || {
        for kind in kinds {
            families.0.with([kind, "ann"]).inc();
            families.1.with([kind]).observe(Duration::from_secs(1));
            families.2.with([kind]).observe(1.0);
        }
    };
    look_up();
    assert_eq!(allocations(|| (0..1_000).for_each(|_| look_up())), 0);
}

#[test]
fn looking_up_a_series_of_a_dynamic_metric_allocates_nothing() {
    let _turn = in_turn();
    let registry = registry();
    for labels in [0, 1, 2, 3, 4, 7, 16] {
        let name = format!("dynamic_{labels}_total");
        let descriptor = Descriptor::counter(&name, "Dynamic.")
            .labels((0..labels).map(|label| format!("label_{label}")))
            .build()
            .unwrap();
        let family = registry.dynamic::<Counter>(&descriptor).unwrap();
        let values = vec!["value"; labels];
        (0..20).for_each(|_| family.with(&values).unwrap().inc());
        let count = allocations(|| (0..1_000).for_each(|_| family.with(&values).unwrap().inc()));
        assert_eq!(count, 0, "{labels} labels");
    }
}

#[test]
fn looking_up_more_series_than_a_thread_remembers_allocates_nothing() {
    const SERIES: usize = 40_000;
    let _turn = in_turn();
    let registry = Registry::builder().series_limit(SERIES).build();
    let open = registry.up_down_counter(&OPEN);
    let kinds: Vec<String> = (0..SERIES).map(|kind| kind.to_string()).collect();
    // Until what a thread remembers is as large as it gets.
    for _ in 0..10 {
        kinds.iter().for_each(|kind| open.with([kind]).inc());
    }
    assert_eq!(allocations(|| kinds.iter().for_each(|kind| open.with([kind]).inc())), 0);
}

#[test]
fn a_snapshot_allocates_nothing_once_the_last_one_was_dropped() {
    let _turn = in_turn();
    let (registry, handles) = warm(&["a", "b", "c", "d", "e"]);
    drop(registry.snapshot());
    let count = allocations(|| {
        for value in 0..100 {
            handles.iter().for_each(|handles| handles.record(value));
            drop(registry.snapshot());
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn a_snapshot_of_metrics_with_holes_and_overflow_allocates_nothing() {
    const FEW: CounterDesc<1> = CounterDesc::new("few_total", "Few.", ["id"])
        .series_limit(3)
        .idle_timeout(Duration::from_secs(1));
    let _turn = in_turn();
    let registry = registry();
    let few = registry.counter(&FEW);
    for id in ["a", "b", "c", "d"] {
        few.with([id]).inc();
    }
    few.remove(["b"]);
    (0..3).for_each(|_| drop(registry.snapshot()));
    let count = allocations(|| (0..100).for_each(|_| drop(registry.snapshot())));
    assert_eq!(count, 0);
}

#[test]
fn a_visit_allocates_nothing_after_the_first_ones() {
    let _turn = in_turn();
    let kinds: Vec<String> = (0..700).map(|kind| kind.to_string()).collect();
    let (registry, handles) = warm(&kinds.iter().map(String::as_str).collect::<Vec<_>>()[..20]);
    // Parts of many sizes.
    kinds.iter().for_each(|kind| registry.histogram(&BYTES).with([kind]).observe(1));
    let mut series = 0;
    (0..2).for_each(|_| registry.visit(|piece| series += piece.series().len()));
    let count = allocations(|| {
        for value in 0..100 {
            handles.iter().for_each(|handles| handles.record(value));
            registry.visit(|piece| series += piece.series().len());
        }
    });
    assert_eq!(count, 0);
    assert_eq!(series, 102 * (20 + 20 + 1 + 20 + 700 + 1 + 20));
}

#[test]
fn a_thread_that_takes_the_place_of_another_allocates_nothing_to_record() {
    let _turn = in_turn();
    let (registry, handles) = warm(&["a"]);
    let jobs = registry.counter(&JOBS);
    let work = || {
        let before = ALLOCATIONS.get();
        handles.iter().for_each(|handles| handles.record(1));
        jobs.with(["a", "ann"]).inc();
        ALLOCATIONS.get() - before
    };
    let counts: Vec<usize> =
        (0..20).map(|_| thread::scope(|scope| scope.spawn(work).join().unwrap())).collect();
    assert_eq!(counts[1..], [0; 19]);
}

//! An allocator that records what it does. A binary of its own, as the allocator is everybody's.
//!
//! It records in the registry that the tests use, so it may be asked for memory in any function of the registry, with any
//! of its locks held.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::abort;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use ia_metrics_core::{
    Counter, CounterDesc, Family, Histogram, HistogramDesc, Registry, Summary, SummaryDesc,
    UpDownCounter, UpDownCounterDesc,
};

const ALLOCATIONS: CounterDesc<0> = CounterDesc::new("allocations_total", "Allocations.", []);
const LIVE: UpDownCounterDesc<1> = UpDownCounterDesc::new("live", "Live allocations.", ["size"]);
const SIZES: HistogramDesc<0, u64> = HistogramDesc::new("allocated_bytes", "Sizes.", []);
const IDLE: CounterDesc<1> =
    CounterDesc::new("idle_total", "Idle.", ["id"]).idle_timeout(Duration::from_nanos(1));
const AGE: SummaryDesc<1, Duration> = SummaryDesc::seconds("age_seconds", "Ages.", ["id"]);

struct Recorder {
    registry: Registry,
    allocations: Counter,
    sizes: Histogram<u64>,
    live: Family<UpDownCounter, 1>,
    /// So that they are there.
    _kept: [UpDownCounter; 2],
    age: Summary<Duration>,
}

static RECORDER: OnceLock<Recorder> = OnceLock::new();
/// Whether series are looked up too.
static LOOK_UP: AtomicBool = AtomicBool::new(false);
static EXPECTED: AtomicU64 = AtomicU64::new(0);

struct Recording;

fn size(layout: Layout) -> &'static str {
    if layout.size() < 1_024 { "small" } else { "large" }
}

#[expect(unsafe_code, reason = "an allocator is unsafe by nature")]
// SAFETY: it is the system's allocator, which is one.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(recorder) = RECORDER.get() {
            recorder.allocations.inc();
            recorder.sizes.observe(layout.size() as u64);
            if LOOK_UP.load(Ordering::Relaxed) {
                recorder.live.with([size(layout)]).inc();
            }
            EXPECTED.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if LOOK_UP.load(Ordering::Relaxed)
            && let Some(recorder) = RECORDER.get()
        {
            recorder.live.with([size(layout)]).dec();
        }
        // SAFETY: as the caller says.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Recording = Recording;

fn recorder() -> &'static Recorder {
    RECORDER.get_or_init(|| {
        let registry = Registry::new();
        let live = registry.up_down_counter(&LIVE);
        Recorder {
            allocations: registry.counter(&ALLOCATIONS).get(),
            sizes: registry.histogram(&SIZES).get(),
            _kept: ["small", "large"].map(|size| live.with([size])),
            live,
            age: registry.summary(&AGE).with(["recorder"]),
            registry,
        }
    })
}

/// All that a registry can be asked for.
fn use_everything(round: u32) {
    let recorder = recorder();
    let registry = &recorder.registry;
    let idle = registry.counter(&IDLE);
    for id in 0..50 {
        idle.with([format!("{round} {id}")]).inc();
    }
    drop(registry.counter(&SeriesOf::new(round).0).with(["a"]));
    recorder.age.observe(Duration::from_millis(1));
    registry.summary(&AGE).with([round.to_string()]).observe(Duration::from_millis(1));
    drop(registry.snapshot());
    registry.visit(|_| ());
    registry.set_enabled(true);
    idle.remove([format!("{round} 7")]);
    let other = Registry::new();
    other.counter(&IDLE).with(["a"]).inc();
    drop(other);
    idle.clear();
}

/// A metric for each round, so that families are made as well.
struct SeriesOf(CounterDesc<1>);

impl SeriesOf {
    fn new(round: u32) -> Self {
        let name = ["first", "second", "third", "fourth"][round as usize % 4];
        Self(CounterDesc::new(name, "A metric.", ["id"]))
    }
}

#[test]
fn an_allocator_can_record_and_look_up() {
    let (done, wait) = mpsc::channel();
    thread::spawn(move || {
        // A deadlock fails rather than hangs.
        if wait.recv_timeout(Duration::from_mins(2)) == Err(mpsc::RecvTimeoutError::Timeout) {
            abort();
        }
    });
    // The main thread records first while it makes its slab; every other thread with its first allocation.
    recorder();
    for look_up in [false, true] {
        LOOK_UP.store(look_up, Ordering::Relaxed);
        for round in 0..8 {
            use_everything(round);
            thread::scope(|scope| {
                for thread in 0..6 {
                    scope.spawn(move || use_everything(round * 6 + thread));
                }
            });
        }
    }
    LOOK_UP.store(false, Ordering::Relaxed);
    done.send(()).unwrap();
    let recorder = recorder();
    // The test harness may allocate meanwhile.
    let before = EXPECTED.load(Ordering::Relaxed);
    let counted = recorder.allocations.value();
    let sizes = recorder.sizes.count();
    let after = EXPECTED.load(Ordering::Relaxed);
    assert!((before..=after + 1).contains(&counted), "{before} {counted} {after}");
    assert!((before..=after + 1).contains(&sizes), "{before} {sizes} {after}");
}

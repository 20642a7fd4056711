//! What is called before each snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ia_metrics_core::{CounterDesc, Registry};

const CALLS: CounterDesc<1> = CounterDesc::new("calls_total", "Calls.", ["by"]);

fn counting(registry: &Registry) -> Arc<AtomicUsize> {
    let calls = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&calls);
    registry.on_snapshot(move |_| {
        own.fetch_add(1, Ordering::Relaxed);
    });
    calls
}

#[test]
fn what_a_callback_records_is_in_the_same_snapshot() {
    let registry = Registry::new();
    registry.on_snapshot(|registry| registry.counter(&CALLS).with(["callback"]).inc());
    assert_eq!(registry.snapshot().value("calls_total", [("by", "callback")]), Some(1.0));
    assert_eq!(registry.snapshot().value("calls_total", [("by", "callback")]), Some(2.0));
}

#[test]
fn callbacks_run_before_a_visit_too() {
    let registry = Registry::new();
    registry.on_snapshot(|registry| registry.counter(&CALLS).with(["callback"]).inc());
    let mut calls = Vec::new();
    registry.visit(|piece| calls.extend(piece.series().map(|series| series.point().as_f64())));
    assert_eq!(calls, [1.0]);
}

#[test]
fn a_callback_that_panics_is_counted_and_the_others_run() {
    let registry = Registry::new();
    registry.on_snapshot(|_| panic!("a test"));
    let calls = counting(&registry);
    for _ in 0..3 {
        drop(registry.snapshot());
    }
    assert_eq!((registry.stats().failed_callbacks, calls.load(Ordering::Relaxed)), (3, 3));
}

#[test]
fn a_panic_whose_payload_panics_is_contained_too() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(Self);
        }
    }
    let registry = Registry::new();
    registry.on_snapshot(|_| std::panic::panic_any(Bomb));
    let calls = counting(&registry);
    drop(registry.snapshot());
    assert_eq!((registry.stats().failed_callbacks, calls.load(Ordering::Relaxed)), (1, 1));
}

#[test]
fn a_snapshot_within_a_callback_calls_no_callbacks_again() {
    let registry = Registry::new();
    let calls = counting(&registry);
    registry.on_snapshot(|registry| drop(registry.snapshot()));
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn two_registries_that_read_each_other_come_to_an_end() {
    let (one, other) = (Registry::new(), Registry::new());
    let calls = (counting(&one), counting(&other));
    one.on_snapshot({
        let other = other.clone();
        move |_| drop(other.snapshot())
    });
    other.on_snapshot({
        let one = one.clone();
        move |_| drop(one.snapshot())
    });
    drop(one.snapshot());
    assert_eq!((calls.0.load(Ordering::Relaxed), calls.1.load(Ordering::Relaxed)), (1, 1));
}

#[test]
fn callbacks_run_again_after_one_that_panicked_within_a_callback() {
    let registry = Registry::new();
    registry.on_snapshot(|registry| {
        drop(registry.snapshot());
        panic!("a test");
    });
    let calls = counting(&registry);
    drop(registry.snapshot());
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn a_callback_given_by_a_callback_is_called_from_the_next_snapshot_on() {
    let registry = Registry::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&calls);
    registry.on_snapshot(move |registry| {
        let own = Arc::clone(&own);
        registry.on_snapshot(move |_| {
            own.fetch_add(1, Ordering::Relaxed);
        });
    });
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_registry_that_is_switched_off_calls_nobody() {
    let registry = Registry::builder().enabled(false).build();
    let calls = counting(&registry);
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    registry.set_enabled(true);
    drop(registry.snapshot());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_callback_that_is_held_up_holds_up_no_other_snapshot() {
    let registry = Registry::new();
    let (enter, entered) = std::sync::mpsc::channel();
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let left = std::sync::Mutex::new(Some(left));
    registry.on_snapshot(move |_| {
        // Only the first call waits.
        let left = left.lock().unwrap().take();
        if let Some(left) = left {
            enter.send(()).unwrap();
            left.recv().unwrap();
        }
    });
    std::thread::scope(|scope| {
        scope.spawn(|| drop(registry.snapshot()));
        entered.recv().unwrap();
        drop(registry.snapshot());
        leave.send(()).unwrap();
    });
}

//! Snapshots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use ia_metrics_core::{CounterDesc, GaugeDesc, HistogramDesc, Registry};

use crate::clock::ManualClock;

const B: CounterDesc<1> = CounterDesc::new("b_total", "B.", ["x"]);
const A: GaugeDesc<0> = GaugeDesc::new("a", "A.", []);

#[test]
fn a_snapshot_does_not_change() {
    let registry = Registry::new();
    let b = registry.counter(&B).with(["1"]);
    b.inc();
    let snapshot = registry.snapshot();
    b.inc();
    assert_eq!(snapshot.value("b_total", [("x", "1")]), Some(1.0));
}

#[test]
fn families_come_by_name_and_series_in_the_order_of_their_creation() {
    let registry = Registry::new();
    ["2", "1", "3"].into_iter().for_each(|x| registry.counter(&B).with([x]).inc());
    registry.gauge(&A).get().set(1);
    let snapshot = registry.snapshot();
    assert_eq!(
        snapshot.families().map(ia_metrics_core::FamilySnapshot::name).collect::<Vec<_>>(),
        ["a", "b_total"]
    );
    let values: Vec<_> =
        snapshot.family("b_total").unwrap().series().flat_map(|series| series.labels()).collect();
    assert_eq!(values, [("x", "2"), ("x", "1"), ("x", "3")]);
}

#[test]
fn a_snapshot_says_when_it_was_taken_and_when_counting_began() {
    let clock = ManualClock::new();
    let registry = Registry::builder().clock(clock.clone()).build();
    clock.advance(Duration::from_secs(5));
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.started_at(), SystemTime::UNIX_EPOCH);
    assert_eq!(snapshot.taken_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(5));
}

#[test]
fn the_sum_of_no_series_is_a_zero_without_a_sign() {
    assert_eq!(Registry::new().snapshot().sum("b_total", []).to_string(), "0");
}

#[test]
fn a_histogram_and_a_label_can_be_asked_for_by_name() {
    const H: HistogramDesc<1> = HistogramDesc::new("h", "H.", ["x"]);
    let registry = Registry::new();
    registry.histogram(&H).with(["1"]).observe(0.5);
    registry.gauge(&A).get().set(1);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.histogram("h", [("x", "1")]).unwrap().count(), 1);
    assert!(snapshot.histogram("h", [("x", "2")]).is_none());
    assert!(snapshot.histogram("a", []).is_none());
    let series = snapshot.family("h").unwrap().series().next().unwrap();
    assert_eq!((series.label("x"), series.label("y")), (Some("1"), None));
}

#[test]
fn a_counter_never_goes_back_in_successive_snapshots() {
    let registry = Registry::new();
    let family = registry.counter(&B);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let b = family.with(["1"]);
                while !stop.load(Ordering::Relaxed) {
                    b.inc();
                }
            });
        }
        let mut last = 0.0;
        for _ in 0..2_000 {
            let now = registry.snapshot().sum("b_total", []);
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
        stop.store(true, Ordering::Relaxed);
    });
}

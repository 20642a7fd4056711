//! Counters, gauges and histograms.

use std::sync::atomic::{AtomicU64, Ordering};

use ia_metrics_core::{Buckets, Kind, Recorder, Registry};
use metrics::{counter, gauge, histogram};

use super::recorded;

#[test]
fn counters_add_and_absolute_raises_but_never_lowers() {
    let registry = recorded(|| {
        counter!("jobs").increment(2);
        counter!("jobs").increment(1);
        counter!("bytes").absolute(100);
        counter!("bytes").absolute(40);
        counter!("bytes").increment(1);
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("jobs", []), Some(3.0));
    assert_eq!(snapshot.value("bytes", []), Some(101.0));
    assert_eq!(snapshot.family("jobs").unwrap().kind(), Kind::Counter);
}

#[test]
fn gauges_are_set_and_moved() {
    let registry = recorded(|| {
        gauge!("depth").set(2.5);
        gauge!("depth").increment(1.0);
        gauge!("depth").decrement(0.5);
        gauge!("depth").set(f64::NAN);
    });
    assert_eq!(registry.snapshot().value("depth", []), Some(3.0));
    assert_eq!(registry.stats().rejected, 1);
}

#[test]
fn histograms_count_into_the_buckets_that_were_chosen() {
    let registry = Registry::new();
    let recorder = Recorder::builder(registry.clone())
        .buckets("response.bytes", Buckets::new([10.0, 100.0]).unwrap())
        .default_buckets(Buckets::new([1.0]).unwrap())
        .build();
    metrics::with_local_recorder(&recorder, || {
        histogram!("response.bytes").record(10.0);
        histogram!("response.bytes").record_many(50.0, 1_000_000_000);
        histogram!("response.bytes").record_many(50.0, 0);
        histogram!("other").record(f64::INFINITY);
        histogram!("other").record(2.0);
    });
    let snapshot = registry.snapshot();
    let bytes = snapshot.histogram("response_bytes", []).unwrap();
    let counts: Vec<u64> = bytes.buckets().map(|bucket| bucket.count).collect();
    assert_eq!(counts, [1, 1_000_000_000, 0]);
    assert_eq!(bytes.sum().as_f64().to_bits(), 50_000_000_010_f64.to_bits());
    let other = snapshot.histogram("other", []).unwrap();
    assert_eq!((other.buckets().count(), other.count()), (2, 1));
    assert_eq!(registry.stats().rejected, 1);
}

#[test]
fn a_registry_that_is_switched_off_records_nothing() {
    let registry = Registry::builder().enabled(false).build();
    metrics::with_local_recorder(&Recorder::new(registry.clone()), || {
        counter!("jobs").increment(1);
        counter!("bytes").absolute(1);
        histogram!("sizes").record_many(1.0, 3);
    });
    let snapshot = registry.snapshot();
    for name in ["jobs", "bytes", "sizes"] {
        assert_eq!(snapshot.value(name, []), Some(0.0), "{name}");
    }
}

#[test]
fn threads_count_exactly() {
    let registry = Registry::new();
    let recorder = Recorder::new(registry.clone());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                metrics::with_local_recorder(&recorder, || {
                    for n in 0..10_000 {
                        counter!("jobs", "kind" => ["a", "b", "c"][n % 3]).increment(1);
                    }
                });
            });
        }
    });
    assert_eq!(registry.snapshot().sum("jobs", []).to_bits(), 80_000_f64.to_bits());
    assert_eq!(registry.snapshot().family("jobs").unwrap().series().len(), 3);
}

#[test]
fn threads_that_raise_one_total_add_nothing_twice() {
    const THREADS: u64 = 2;
    let registry = Registry::new();
    let recorder = Recorder::new(registry.clone());
    let (arrived, wrong) = (AtomicU64::new(0), AtomicU64::new(0));
    // A barrier that puts nobody to sleep, so that all go on at once.
    let meet = |times: u64| {
        arrived.fetch_add(1, Ordering::SeqCst);
        while arrived.load(Ordering::SeqCst) < times * THREADS {
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let bytes = metrics::with_local_recorder(&recorder, || counter!("bytes"));
                // Above the point where a series gets cells of each thread's own.
                (0..20).for_each(|_| bytes.increment(1));
                for round in 1..=5_000 {
                    meet(2 * round - 1);
                    bytes.absolute(1_000 * round);
                    meet(2 * round);
                    // The others would wait for one that panics.
                    let right = registry.snapshot().sum("bytes", []) as u64 == 1_000 * round;
                    wrong.fetch_add(u64::from(!right), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(wrong.into_inner(), 0);
}

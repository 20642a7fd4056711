//! Gauges.

use std::thread;

use ia_metrics_core::{GaugeDesc, Registry};

const LEVEL: GaugeDesc<0> = GaugeDesc::new("level", "A level.", []);
const LOSS: GaugeDesc<0, f64> = GaugeDesc::new("loss", "A loss.", []);

#[test]
fn additions_and_subtractions_are_exact_under_threads() {
    let registry = Registry::new();
    let (level, loss) = (registry.gauge(&LEVEL).get(), registry.gauge(&LOSS).get());
    thread::scope(|scope| {
        for thread in 0..8 {
            let (level, loss) = (&level, &loss);
            scope.spawn(move || {
                for _ in 0..10_000 {
                    if thread % 2 == 0 {
                        level.add(3);
                        loss.add(0.5);
                    } else {
                        level.sub(2);
                        loss.sub(0.25);
                    }
                }
            });
        }
    });
    assert_eq!(level.value(), 40_000);
    assert_eq!(loss.value().to_bits(), 10_000_f64.to_bits());
}

#[test]
fn not_a_number_is_refused_and_counted() {
    let registry = Registry::new();
    let loss = registry.gauge(&LOSS).get();
    loss.set(0.5);
    loss.set(f64::NAN);
    loss.add(f64::INFINITY);
    assert_eq!(loss.value().to_bits(), 0.5_f64.to_bits());
    assert_eq!(registry.stats().rejected, 2);
}

#[test]
fn what_was_in_flight_when_recording_was_off_is_not_subtracted() {
    let registry = Registry::builder().enabled(false).build();
    let level = registry.gauge(&LEVEL).get();
    let work = level.in_flight();
    registry.set_enabled(true);
    drop(work);
    assert_eq!(level.value(), 0);
}

#[test]
fn what_is_in_flight_is_subtracted_even_when_its_thread_panics() {
    let registry = Registry::new();
    let level = registry.gauge(&LEVEL).get();
    let inside = level.clone();
    let result = thread::spawn(move || {
        let _work = inside.in_flight();
        assert_eq!(inside.value(), 1);
        std::panic::resume_unwind(Box::new("on purpose"));
    })
    .join();
    assert!(result.is_err());
    assert_eq!(level.value(), 0);
}

#[test]
fn a_float_stops_at_the_ends_of_its_range() {
    let registry = Registry::new();
    let loss = registry.gauge(&LOSS).get();
    loss.set(f64::MAX);
    loss.add(f64::MAX);
    assert_eq!(loss.value().to_bits(), f64::MAX.to_bits());
}

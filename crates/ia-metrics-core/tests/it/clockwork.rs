//! Clocks that have metrics of their own.

use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ia_metrics_core::{
    Clock, Counter, CounterDesc, Family, Registry, Summary, SummaryDesc, SystemClock,
};

const READINGS: CounterDesc<1> =
    CounterDesc::new("clock_readings_total", "Readings of the clock.", ["reading"])
        .idle_timeout(Duration::from_millis(1));
const AGE: SummaryDesc<1, Duration> = SummaryDesc::seconds("age_seconds", "Age.", ["id"])
    .window(Duration::from_secs(1))
    .idle_timeout(Duration::from_millis(1));

/// Counts its readings by looking the series up.
#[derive(Clone, Debug, Default)]
struct CountingClock(Arc<OnceLock<Family<Counter, 1>>>);

impl CountingClock {
    fn count(&self, reading: &str) {
        if let Some(readings) = self.0.get() {
            readings.with([reading]).inc();
        }
    }
}

impl Clock for CountingClock {
    fn now(&self) -> Instant {
        self.count("now");
        SystemClock.now()
    }

    fn wall(&self) -> SystemTime {
        self.count("wall");
        SystemClock.wall()
    }
}

/// A deadlock fails rather than hangs.
fn within_a_minute(run: impl FnOnce() + Send + 'static) {
    let (done, wait) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        run();
        done.send(()).ok();
    });
    let timeout = wait.recv_timeout(Duration::from_mins(1));
    assert_ne!(timeout, Err(std::sync::mpsc::RecvTimeoutError::Timeout), "it does not end");
    thread.join().unwrap();
}

#[test]
fn a_clock_that_owns_a_registry_can_be_dropped_with_the_last_metric() {
    within_a_minute(|| {
        let own = Registry::new();
        let clock = CountingClock::default();
        clock.0.set(own.counter(&READINGS)).unwrap();
        let registry = Registry::builder().clock(clock).build();
        let age: Summary<Duration> = {
            let family = registry.summary(&AGE);
            drop(registry);
            drop(own);
            // The metric is all that is left, and has the clock.
            family.with(["a"])
        };
        age.observe(Duration::from_secs(1));
        drop(age);
        // Whoever goes next looks after it.
        drop(Registry::new().counter(&READINGS));
    });
}

#[test]
fn a_clock_may_record_in_another_registry_and_in_its_own() {
    for own in [false, true] {
        within_a_minute(move || {
            let clock = CountingClock::default();
            let registry = Registry::builder().clock(clock.clone()).build();
            let other = Registry::new();
            let counted = if own { &registry } else { &other };
            clock.0.set(counted.counter(&READINGS)).unwrap();
            // They exist already, and stay: a clock that makes series while a snapshot is taken may wait for it.
            let readings = clock.0.get().unwrap();
            let kept = ["now", "wall"].map(|reading| readings.with([reading]));
            let age = registry.summary(&AGE);
            for _ in 0..100 {
                age.with(["a"]).observe(Duration::from_secs(1));
                drop(registry.snapshot());
                drop(other.snapshot());
                registry.visit(|_| ());
            }
            assert!(kept.iter().all(|reading| reading.value() > 0));
        });
    }
}

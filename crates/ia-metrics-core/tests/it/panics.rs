//! Panics in what the registry calls.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use ia_metrics_core::{
    Clock, Counter, CounterDesc, Descriptor, Registry, Summary, SummaryDesc, SystemClock,
};

const JOBS: CounterDesc<2> = CounterDesc::new("jobs_total", "Jobs.", ["a", "b"]);
const AGE: SummaryDesc<1, Duration> =
    SummaryDesc::seconds("age_seconds", "Age.", ["id"]).idle_timeout(Duration::from_secs(1));

/// Panics without a message, as it is on purpose.
fn panic_on_purpose() -> ! {
    resume_unwind(Box::new("on purpose"))
}

fn panics(run: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}

/// A label value that cannot be had.
struct Bad;

impl AsRef<str> for Bad {
    fn as_ref(&self) -> &str {
        panic_on_purpose()
    }
}

/// A label value that looks a series up itself.
struct Busy(Registry, String);

impl AsRef<str> for Busy {
    fn as_ref(&self) -> &str {
        self.0.counter(&JOBS).with(["inner", "b"]).inc();
        drop(self.0.snapshot());
        &self.1
    }
}

#[test]
fn a_label_value_that_panics_leaves_the_metric_as_it_was() {
    let registry = Registry::new();
    let jobs = registry.counter(&JOBS);
    let descriptor = Descriptor::counter("dynamic", "D.").labels(["a"]).build().unwrap();
    let dynamic = registry.dynamic::<Counter>(&descriptor).unwrap();
    for _ in 0..20 {
        panics(|| drop(jobs.with([Bad, Bad])));
        panics(|| assert!(jobs.remove([Bad, Bad])));
        panics(|| drop(dynamic.with(&[Bad])));
        jobs.with(["a", "b"]).inc();
        dynamic.with(&["a"]).unwrap().inc();
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.sum("jobs_total", []).to_bits(), 20_f64.to_bits());
    assert_eq!(snapshot.value("dynamic", [("a", "a")]), Some(20.0));
}

#[test]
fn a_label_value_may_record_itself() {
    let registry = Registry::new();
    for _ in 0..20 {
        let busy = || Busy(registry.clone(), "outer".into());
        registry.counter(&JOBS).with([busy(), busy()]).inc();
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("jobs_total", [("a", "inner"), ("b", "b")]), Some(40.0));
    assert_eq!(snapshot.value("jobs_total", [("a", "outer"), ("b", "outer")]), Some(20.0));
}

#[test]
fn a_visitor_may_panic_and_use_the_registry() {
    let registry = Registry::new();
    registry.counter(&JOBS).with(["a", "b"]).inc();
    panics(|| registry.visit(|_| panic_on_purpose()));
    let mut pieces = 0;
    registry.visit(|piece| {
        pieces += 1;
        registry.counter(&JOBS).with(["c", "d"]).inc();
        registry.visit(|inner| assert_eq!(inner.name(), piece.name()));
        drop(registry.snapshot());
        registry.counter(&JOBS).remove(["a", "b"]);
        assert_eq!(piece.series().len(), 1);
        let labels: Vec<_> = piece.series().flat_map(|series| series.labels()).collect();
        assert_eq!(labels, [("a", "a"), ("b", "b")]);
    });
    assert!(pieces > 0);
}

/// A clock that panics when it is told to.
#[derive(Clone, Debug, Default)]
struct Broken(Arc<AtomicBool>);

impl Clock for Broken {
    fn now(&self) -> Instant {
        if self.0.load(Ordering::Relaxed) {
            panic_on_purpose();
        }
        SystemClock.now()
    }

    fn wall(&self) -> SystemTime {
        if self.0.load(Ordering::Relaxed) {
            panic_on_purpose();
        }
        SystemClock.wall()
    }
}

#[test]
fn a_clock_that_panics_breaks_nothing_for_long() {
    let clock = Broken::default();
    let registry = Registry::builder().clock(clock.clone()).build();
    let age: Summary<Duration> = registry.summary(&AGE).with(["a"]);
    for _ in 0..20 {
        age.observe(Duration::from_secs(1));
        clock.0.store(true, Ordering::Relaxed);
        panics(|| age.observe(Duration::from_secs(1)));
        panics(|| assert!(age.quantile(0.5).is_some()));
        panics(|| drop(registry.snapshot()));
        panics(|| registry.visit(|_| ()));
        clock.0.store(false, Ordering::Relaxed);
    }
    registry.counter(&JOBS).with(["a", "b"]).inc();
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("age_seconds", [("id", "a")]), Some(20.0));
    assert_eq!(snapshot.value("jobs_total", [("a", "a"), ("b", "b")]), Some(1.0));
}

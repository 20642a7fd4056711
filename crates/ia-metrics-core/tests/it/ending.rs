//! Recording while a thread ends.

use std::cell::RefCell;
use std::thread;

use ia_metrics_core::{
    Counter, CounterDesc, Gauge, GaugeDesc, Histogram, HistogramDesc, Registry, Summary,
    SummaryDesc, UpDownCounter, UpDownCounterDesc,
};

const JOBS: CounterDesc<1> = CounterDesc::new("jobs_total", "Jobs.", ["id"]);

/// Runs something when it is dropped.
struct AtEnd(Box<dyn FnOnce()>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        std::mem::replace(&mut self.0, Box::new(|| ()))();
    }
}

thread_local! {
    static AT_END: RefCell<Vec<AtEnd>> = const { RefCell::new(Vec::new()) };
}

fn at_end(run: impl FnOnce() + 'static) {
    AT_END.with(|at_end| at_end.borrow_mut().push(AtEnd(Box::new(run))));
}

/// Runs something on a thread that has given its slab back: destructors of thread-locals run in the reverse order of their
/// first use.
pub(crate) fn on_a_thread_that_is_ending(run: impl FnOnce() + Send + 'static) {
    let thread = thread::spawn(move || {
        at_end(run);
        Registry::new().counter(&JOBS).with(["attach"]).inc();
    });
    thread.join().unwrap();
}

fn on_a_thread_that_is_ending_and_never_recorded(run: impl FnOnce() + Send + 'static) {
    thread::spawn(move || at_end(run)).join().unwrap();
}

#[derive(Clone)]
struct Handles {
    counter: Counter,
    up_down: UpDownCounter,
    gauge: Gauge,
    histogram: Histogram<u64>,
    summary: Summary<u64>,
}

impl Handles {
    fn of(registry: &Registry) -> Self {
        const UP_DOWN: UpDownCounterDesc<0> = UpDownCounterDesc::new("up_down", "Up, down.", []);
        const GAUGE: GaugeDesc<0> = GaugeDesc::new("gauge", "Gauge.", []);
        const HISTOGRAM: HistogramDesc<0, u64> = HistogramDesc::new("histogram", "Histogram.", []);
        const SUMMARY: SummaryDesc<0, u64> = SummaryDesc::new("summary", "Summary.", []);
        Self {
            counter: registry.counter(&JOBS).with(["a"]),
            up_down: registry.up_down_counter(&UP_DOWN).get(),
            gauge: registry.gauge(&GAUGE).get(),
            histogram: registry.histogram(&HISTOGRAM).get(),
            summary: registry.summary(&SUMMARY).get(),
        }
    }

    fn record(&self) {
        self.counter.inc();
        self.up_down.add(-1);
        self.gauge.inc();
        self.histogram.observe(1);
        self.summary.observe(1);
        drop(self.up_down.in_flight());
        drop(self.clone());
    }
}

fn check(registry: &Registry, handles: &Handles, times: u32) {
    let times = f64::from(times);
    let snapshot = registry.snapshot();
    for (name, expected) in
        [("up_down", -times), ("gauge", times), ("histogram", times), ("summary", times)]
    {
        assert_eq!(snapshot.value(name, []), Some(expected), "{name}");
    }
    assert_eq!(snapshot.value("jobs_total", [("id", "a")]), Some(times));
    assert_eq!(handles.summary.quantile(0.5), Some(1.0));
}

#[test]
fn what_is_recorded_after_the_thread_gave_its_slab_back_counts() {
    let registry = Registry::new();
    let handles = Handles::of(&registry);
    for times in 1..=20 {
        on_a_thread_that_is_ending({
            let handles = handles.clone();
            move || handles.record()
        });
        check(&registry, &handles, times);
    }
}

#[test]
fn what_is_recorded_first_when_the_thread_ends_counts() {
    let registry = Registry::new();
    let handles = Handles::of(&registry);
    for times in 1..=20 {
        on_a_thread_that_is_ending_and_never_recorded({
            let handles = handles.clone();
            move || handles.record()
        });
        check(&registry, &handles, times);
    }
}

#[test]
fn series_are_found_and_made_while_a_thread_ends() {
    let registry = Registry::new();
    let jobs = registry.counter(&JOBS);
    for _ in 0..20 {
        let jobs = jobs.clone();
        on_a_thread_that_is_ending(move || {
            for id in ["a", "b", "a"] {
                jobs.with([id]).inc();
            }
        });
    }
    assert_eq!(jobs.with(["a"]).value(), 40);
    assert_eq!(jobs.with(["b"]).value(), 20);
}

#[test]
fn a_series_is_found_while_a_thread_ends_though_there_can_be_no_more() {
    let registry = Registry::builder().series_limit(1).build();
    let jobs = registry.counter(&JOBS);
    jobs.with(["a"]).inc();
    on_a_thread_that_is_ending({
        let jobs = jobs.clone();
        move || {
            jobs.with(["a"]).inc();
            jobs.with(["b"]).inc();
        }
    });
    assert_eq!(jobs.with(["a"]).value(), 2);
    assert_eq!(registry.stats().overflowed, 1);
}

#[test]
fn a_series_can_be_removed_and_used_again_after_its_handle_went_with_a_thread() {
    let registry = Registry::new();
    let jobs = registry.counter(&JOBS);
    for _ in 0..20 {
        let handle = jobs.with(["a"]);
        (0..20).for_each(|_| handle.inc());
        on_a_thread_that_is_ending(move || drop(handle));
        assert!(jobs.remove(["a"]));
    }
    // It is the place of the first one that the last one had, or its value would be that of all.
    assert_eq!(jobs.with(["a"]).value(), 0);
    assert_eq!(registry.snapshot().family("jobs_total").unwrap().series().len(), 1);
}

#[test]
fn a_metric_can_be_dropped_while_a_thread_ends() {
    let registry = Registry::new();
    let handles = Handles::of(&registry);
    let jobs = registry.counter(&JOBS);
    on_a_thread_that_is_ending(move || {
        drop(registry);
        handles.record();
        drop(jobs);
        handles.record();
        drop(handles);
    });
}

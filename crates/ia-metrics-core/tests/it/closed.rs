//! Labels whose values the compiler knows.

use ia_metrics_core::{CounterDesc, HistogramDesc, LabelSet, LabelValue, Registry, label_values};

label_values! {
    /// A method.
    enum Method { Get = "GET", Post = "POST" }
    enum Outcome { Ok = "ok", Failed = "failed", Late = "late" }
    enum Cache { Hit = "hit", Miss = "miss" }
}

const ONE: CounterDesc<1> = CounterDesc::new("one_total", "One label.", ["method"]);
const TWO: CounterDesc<2> = CounterDesc::new("two_total", "Two labels.", ["method", "outcome"]);
const THREE: HistogramDesc<3> =
    HistogramDesc::new("three", "Three labels.", ["method", "outcome", "cache"]);

#[test]
fn every_combination_exists_at_zero() {
    let registry = Registry::new();
    let family = registry.counter(&TWO).closed::<(Method, Outcome)>();
    let snapshot = registry.snapshot();
    let series = snapshot.family("two_total").unwrap().series();
    assert_eq!(series.len(), 6);
    assert!(series.clone().all(|series| series.point().as_f64() == 0.0 && !series.is_overflow()));
    drop(family);
}

#[test]
fn each_combination_has_its_own_series() {
    let registry = Registry::new();
    let one = registry.counter(&ONE).closed::<Method>();
    one.get(Method::Post).add(5);
    assert_eq!(registry.counter(&ONE).with(["POST"]).value(), 5);

    let two = registry.counter(&TWO);
    let closed = two.closed::<(Method, Outcome)>().clone();
    let three = registry.histogram(&THREE).closed::<(Method, Outcome, Cache)>();
    let mut amount = 0;
    for method in [Method::Get, Method::Post] {
        for outcome in [Outcome::Ok, Outcome::Failed, Outcome::Late] {
            amount += 1;
            closed.get((method, outcome)).add(amount);
            let values = [Method::VALUES[method.index()], Outcome::VALUES[outcome.index()]];
            assert_eq!(two.with(values).value(), amount);
            for cache in [Cache::Hit, Cache::Miss] {
                three.get((method, outcome, cache)).observe(1.0);
                let texts = [values[0], values[1], Cache::VALUES[cache.index()]];
                assert_eq!(registry.histogram(&THREE).with(texts).count(), 1);
            }
        }
    }
}

#[test]
fn positions_are_the_order_of_all_combinations() {
    let all: Vec<[&str; 3]> = <(Method, Outcome, Cache)>::all().collect();
    assert_eq!(all.len(), 12);
    assert_eq!(
        all[(Method::Post, Outcome::Failed, Cache::Miss).position()],
        ["POST", "failed", "miss"]
    );
    assert_eq!(all[(Method::Get, Outcome::Ok, Cache::Hit).position()], ["GET", "ok", "hit"]);
}

#[test]
fn combinations_over_the_limit_share_the_overflow_series() {
    let registry = Registry::builder().series_limit(4).build();
    let family = registry.counter(&TWO).closed::<(Method, Outcome)>();
    for method in [Method::Get, Method::Post] {
        for outcome in [Outcome::Ok, Outcome::Failed, Outcome::Late] {
            family.get((method, outcome)).inc();
        }
    }
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("two_total", [("otel_metric_overflow", "true")]), Some(2.0));
    assert!((snapshot.sum("two_total", []) - 6.0).abs() < f64::EPSILON);
}

/// Says that it has two values, and has more.
#[derive(Clone, Copy)]
struct Wrong(usize);

impl LabelValue for Wrong {
    const VALUES: &'static [&'static str] = &["a", "b"];

    fn index(self) -> usize {
        self.0
    }
}

/// Has none, and one all the same.
#[derive(Clone, Copy)]
struct Empty;

impl LabelValue for Empty {
    const VALUES: &'static [&'static str] = &[];

    fn index(self) -> usize {
        0
    }
}

#[test]
fn an_index_out_of_range_counts_in_the_overflow_series() {
    let registry = Registry::new();
    let one = registry.counter(&ONE).closed::<Wrong>();
    one.get(Wrong(1)).inc();
    assert_eq!(registry.snapshot().family("one_total").unwrap().series().len(), 2);
    one.get(Wrong(2)).inc();
    one.get(Wrong(usize::MAX)).inc();
    let two = registry.counter(&TWO).closed::<(Wrong, Wrong)>();
    for (a, b) in [(0, 2), (2, 0), (usize::MAX, usize::MAX), (1, usize::MAX)] {
        two.get((Wrong(a), Wrong(b))).inc();
    }
    let empty = registry.counter(&TWO).closed::<(Empty, Wrong)>();
    empty.get((Empty, Wrong(0))).inc();
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.value("one_total", [("otel_metric_overflow", "true")]), Some(2.0));
    assert_eq!(snapshot.value("two_total", [("otel_metric_overflow", "true")]), Some(5.0));
    assert_eq!(snapshot.value("two_total", [("method", "a"), ("outcome", "b")]), Some(0.0));
}

#[test]
fn series_live_as_long_as_the_family_and_no_clone_is_lost() {
    let registry = Registry::new();
    let family = registry.counter(&ONE).closed::<Method>();
    let clone = family.clone();
    drop(registry);
    drop(family);
    clone.get(Method::Get).inc();
    assert_eq!(clone.get(Method::Get).value(), 1);
}

//! Exemplars of counters and histograms.

use std::cell::Cell;
use std::time::Duration;

use ia_metrics_core::{
    Counter, CounterDesc, Descriptor, Exemplar, ExemplarSourceAlreadySet, ExemplarSpan, GaugeDesc,
    HistogramDesc, Registry, Snapshot,
};

const COUNTED: CounterDesc<1> = CounterDesc::new("counted_total", "Counted.", ["n"]).exemplars();
const PLAIN: CounterDesc<0> = CounterDesc::new("plain_total", "Counted.", []);
const OBSERVED: HistogramDesc<0> =
    HistogramDesc::new("observed", "Observed.", []).buckets(&[1.0, 10.0]).exemplars();

thread_local! {
    static CURRENT: Cell<Option<ExemplarSpan>> = const { Cell::new(None) };
}

fn current() -> Option<ExemplarSpan> {
    CURRENT.get()
}

fn registry() -> Registry {
    Registry::builder().exemplars(current).build()
}

/// Records in a span whose ids end in this number.
fn within(number: u8, record: impl FnOnce()) {
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    (trace[15], span[7]) = (number, number);
    CURRENT.set(ExemplarSpan::new(trace, span));
    record();
    CURRENT.set(None);
}

fn counted(snapshot: &Snapshot, n: &str) -> Option<Exemplar> {
    snapshot.family("counted_total")?.series_with([("n", n)])?.exemplar().copied()
}

fn span_of(exemplar: &Exemplar) -> u8 {
    exemplar.span().span_id().to_bytes()[7]
}

fn shown(exemplar: Option<&Exemplar>) -> Option<(f64, u8)> {
    exemplar.map(|exemplar| (exemplar.value().as_f64(), span_of(exemplar)))
}

#[test]
fn a_counter_keeps_the_amount_and_the_span_from_its_first_record_on() {
    let registry = registry();
    let counter = registry.counter(&COUNTED).with(["a"]);
    within(7, || counter.add(3));
    let snapshot = registry.snapshot();
    let exemplar = counted(&snapshot, "a").unwrap();
    assert_eq!(shown(Some(&exemplar)), Some((3.0, 7)));
    assert_eq!(exemplar.span().trace_id().to_string(), format!("{:032x}", 7));
    assert!(exemplar.recorded_at() <= snapshot.taken_at());
    assert_eq!(snapshot.value("counted_total", [("n", "a")]), Some(3.0));
}

#[test]
fn all_that_is_counted_arrives_with_slots_and_without() {
    let registry = registry();
    let counter = registry.counter(&COUNTED).with(["a"]);
    for n in 0..1_000 {
        if n % 2 == 0 { within(1, || counter.inc()) } else { counter.inc() }
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|_| within(2, || counter.inc())));
        }
    });
    assert_eq!(counter.value(), 5_000);
    assert_eq!(registry.snapshot().value("counted_total", [("n", "a")]), Some(5_000.0));
}

#[test]
fn there_is_none_outside_of_a_span_nor_without_a_source_nor_of_zero() {
    let registry = registry();
    let counter = registry.counter(&COUNTED).with(["a"]);
    counter.add(3);
    within(1, || counter.add(0));
    assert_eq!(counted(&registry.snapshot(), "a"), None);

    let silent = Registry::new();
    within(1, || silent.counter(&COUNTED).with(["a"]).inc());
    assert_eq!(counted(&silent.snapshot(), "a"), None);
}

#[test]
fn there_is_one_for_each_snapshot_and_it_stays_until_the_next() {
    let registry = registry();
    let counter = registry.counter(&COUNTED).with(["a"]);
    let other = registry.counter(&COUNTED).with(["b"]);
    for span in 1..20 {
        within(span, || counter.inc());
    }
    within(50, || other.inc());
    let first = registry.snapshot();
    assert_eq!(shown(counted(&first, "a").as_ref()), Some((1.0, 1)));
    assert_eq!(shown(counted(&first, "b").as_ref()), Some((1.0, 50)));
    counter.add(9);
    assert_eq!(shown(counted(&registry.snapshot(), "a").as_ref()), Some((1.0, 1)));
    for span in 30..40 {
        within(span, || counter.add(2));
    }
    assert_eq!(shown(counted(&registry.snapshot(), "a").as_ref()), Some((2.0, 30)));
    assert_eq!(shown(counted(&first, "a").as_ref()), Some((1.0, 1)));
}

#[test]
fn a_visit_shows_exemplars_and_begins_the_next_round_too() {
    let registry = registry();
    let counter = registry.counter(&COUNTED).with(["a"]);
    let visit = || {
        let mut seen = Vec::new();
        registry.visit(|piece| {
            seen.extend(piece.series().filter_map(|series| shown(series.exemplar())));
            assert!(piece.pieces().all(|piece| piece.is_err()), "the quick way has no exemplars");
        });
        seen
    };
    for span in 1..4 {
        within(span, || counter.inc());
        assert_eq!(visit(), [(1.0, span)]);
    }
}

#[test]
fn a_histogram_keeps_one_for_each_bucket() {
    let registry = registry();
    let histogram = registry.histogram(&OBSERVED).get();
    for (span, value) in (1..).zip([0.5, 0.7, 5.0, 99.0, 100.0]) {
        within(span, || histogram.observe(value));
    }
    histogram.observe(6.0);
    let snapshot = registry.snapshot();
    let point = snapshot.histogram("observed", []).unwrap();
    let buckets: Vec<_> = (0..4).map(|at| shown(point.exemplar(at))).collect();
    assert_eq!(buckets, [Some((0.5, 1)), Some((5.0, 3)), Some((99.0, 4)), None]);
    assert_eq!(point.exemplars().len(), 3);
    assert_eq!(point.count(), 6);
}

#[test]
fn integers_belong_to_the_bucket_whose_bound_they_are_under() {
    // Whole milliseconds: nothing is between the first bounds.
    const TICKS: HistogramDesc<0, u64> =
        HistogramDesc::new("ticks", "Ticks.", []).buckets(&[-1.0, 0.1, 0.2, 0.3, 5.0]).exemplars();
    const TIMES: HistogramDesc<0, Duration> =
        HistogramDesc::seconds("times_seconds", "Times.", []).buckets(&[0.1, 1.0]).exemplars();
    let registry = registry();
    let (ticks, times) = (registry.histogram(&TICKS).get(), registry.histogram(&TIMES).get());
    within(1, || ticks.observe(0));
    within(2, || ticks.observe(3));
    within(3, || ticks.observe(7));
    within(4, || times.observe(Duration::from_millis(250)));
    let snapshot = registry.snapshot();
    for name in ["ticks", "times_seconds"] {
        let point = snapshot.histogram(name, []).unwrap();
        let mut lower = f64::NEG_INFINITY;
        for (at, bucket) in point.buckets().enumerate() {
            assert_eq!(point.exemplar(at).is_some(), bucket.count > 0, "{name} {bucket:?}");
            if let Some(exemplar) = point.exemplar(at) {
                let value = exemplar.value().as_f64();
                assert!(lower < value && value <= bucket.upper_bound, "{value} {bucket:?}");
            }
            lower = bucket.upper_bound;
        }
    }
    let times = snapshot.histogram("times_seconds", []).unwrap();
    assert_eq!(times.exemplar(1).unwrap().value().to_string(), "0.25");
}

#[test]
fn exponential_buckets_keep_the_eight_newest() {
    const NATIVE: HistogramDesc<0> = HistogramDesc::native("native", "Native.", []).exemplars();
    let registry = registry();
    let histogram = registry.histogram(&NATIVE).get();
    for power in 0..20_u8 {
        within(power + 1, || histogram.observe(f64::from(1_u32 << power)));
        (power % 5 == 0).then(|| registry.snapshot());
    }
    let snapshot = registry.snapshot();
    let point = snapshot.histogram("native", []).unwrap();
    let spans: Vec<u8> = point.exemplars().map(span_of).collect();
    assert_eq!(spans, (13..=20).collect::<Vec<u8>>());
    assert_eq!(shown(point.exemplar(0)), Some((f64::from(1 << 19), 20)));
    assert_eq!(point.exemplar(1), None);
}

#[test]
fn a_removed_series_takes_its_exemplar_along() {
    let registry = registry();
    let family = registry.counter(&COUNTED);
    within(1, || family.with(["a"]).inc());
    assert!(family.remove(["a"]));
    let anew = family.with(["a"]);
    anew.inc();
    assert_eq!(counted(&registry.snapshot(), "a"), None);
    within(2, || anew.inc());
    assert_eq!(shown(counted(&registry.snapshot(), "a").as_ref()), Some((1.0, 2)));
    drop(anew);
    family.clear();
    // In the place of the one before, and before any snapshot.
    within(3, || family.with(["c"]).inc());
    assert_eq!(shown(counted(&registry.snapshot(), "c").as_ref()), Some((1.0, 3)));
}

#[test]
fn the_overflow_series_has_exemplars_too() {
    let registry = Registry::builder().exemplars(current).series_limit(1).build();
    let family = registry.counter(&COUNTED);
    within(1, || family.with(["a"]).inc());
    within(2, || family.with(["b"]).inc());
    let snapshot = registry.snapshot();
    let spans: Vec<_> = snapshot
        .family("counted_total")
        .unwrap()
        .series()
        .map(|series| (series.is_overflow(), shown(series.exemplar()).unwrap().1))
        .collect();
    assert_eq!(spans, [(false, 1), (true, 2)]);
}

#[test]
fn switched_off_there_is_none_and_switched_on_again_there_is() {
    let registry = registry();
    let counter = registry.counter(&COUNTED).with(["a"]);
    counter.add(100);
    (0..20).for_each(|_| counter.inc());
    registry.set_enabled(false);
    within(1, || counter.inc());
    assert_eq!((counter.value(), counted(&registry.snapshot(), "a")), (120, None));
    registry.set_enabled(true);
    within(2, || counter.inc());
    assert_eq!(shown(counted(&registry.snapshot(), "a").as_ref()), Some((1.0, 2)));
    assert_eq!(counter.value(), 121);
}

#[test]
fn metrics_that_did_not_ask_have_none() {
    const LEVEL: GaugeDesc<0> = GaugeDesc::new("level", "Level.", []);
    let registry = registry();
    within(1, || {
        registry.counter(&PLAIN).get().inc();
        registry.gauge(&LEVEL).get().set(1);
    });
    let snapshot = registry.snapshot();
    let mut series = snapshot.families().flat_map(|family| family.series());
    assert!(series.all(|series| series.exemplar().is_none()));
}

#[test]
fn names_known_at_run_time_have_them_where_the_kind_can() {
    let registry = registry();
    let counter = Descriptor::counter("x_total", "").exemplars().build().unwrap();
    within(1, || registry.dynamic::<Counter>(&counter).unwrap().with::<&str>(&[]).unwrap().inc());
    let snapshot = registry.snapshot();
    let series = snapshot.family("x_total").unwrap().series().next().unwrap();
    assert_eq!(shown(series.exemplar()), Some((1.0, 1)));
    assert!(!Descriptor::gauge("x", "").exemplars().build().unwrap().has_exemplars());
}

#[test]
fn a_source_is_said_once_and_may_panic() {
    let registry = Registry::new();
    assert_eq!(registry.set_exemplar_source(|| panic!("a bad source")), Ok(()));
    assert_eq!(registry.set_exemplar_source(current), Err(ExemplarSourceAlreadySet));
    let counter = registry.counter(&COUNTED).with(["a"]);
    within(1, || counter.inc());
    assert_eq!((counter.value(), counted(&registry.snapshot(), "a")), (1, None));
}

#[cfg(feature = "metrics")]
#[test]
fn other_labels_that_a_bridge_brings_have_exemplars_of_their_own() {
    // The bridge's own buckets, so that it is one metric.
    const BRIDGED: HistogramDesc<0> = HistogramDesc::new("bridged", "Bridged.", []).exemplars();
    let registry = registry();
    let recorder = ia_metrics_core::Recorder::new(registry.clone());
    within(1, || registry.histogram(&BRIDGED).get().observe(0.5));
    metrics::with_local_recorder(&recorder, || {
        metrics::histogram!("bridged", "other" => "quiet").record(0.5);
        within(2, || metrics::histogram!("bridged", "other" => "traced").record(0.5));
    });
    let mut spans = Vec::new();
    registry.visit(|piece| {
        for series in piece.series() {
            if let ia_metrics_core::DataPoint::Histogram(point) = series.point() {
                spans.push(point.exemplars().next().map(span_of));
            }
        }
    });
    assert_eq!(spans, [Some(1), None, Some(2)]);
}

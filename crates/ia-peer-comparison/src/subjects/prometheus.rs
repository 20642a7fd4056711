//! `prometheus`, by `TiKV`.
//!
//! Its `local` types collect in plain memory until they are flushed by hand: rows of their own, flushed once a chunk.

use std::hint::black_box;
use std::sync::Arc;

use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry, TextEncoder,
};

use super::{Subject, Tail};
use crate::data::{BOUNDS, HELP, Labels, METRIC, Pair, Sequence, seconds, weight};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Work, over_labels, over_with, repeat_with};

const NAME: &str = "prometheus";
const LOCAL: &str = "prometheus, local";
const VALID: &str = "the names are valid";

pub(crate) struct Prometheus;

impl Subject for Prometheus {
    fn counter(&self) -> Vec<Work> {
        let shared = new_counter();
        let how = "LocalIntCounter::inc, which needs &mut; flush once per 60 µs";
        let local = Work::new(Kind::Owned, LOCAL, how, move || {
            let mut counter = shared.local();
            Box::new(move |times| {
                for _ in 0..times {
                    black_box(&mut counter).inc();
                }
                counter.flush();
            })
        });
        vec![counter(new_counter()), local]
    }

    fn histogram(&self) -> Vec<Work> {
        let (shared, values) = (new_histogram(), seconds());
        let how = "LocalHistogram::observe; flush once per 60 µs";
        let local = Work::new(Kind::Owned, LOCAL, how, move || {
            let (histogram, values) = (shared.local(), Arc::clone(&values));
            Box::new(move |times| {
                for value in values.iter().cycle().take(times as usize) {
                    black_box(&histogram).observe(*black_box(value));
                }
                histogram.flush();
            })
        });
        vec![histogram(new_histogram()), local]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        let family = new_family();
        for labels in &sequence.series {
            of(&family, labels.as_pair()).inc();
        }
        let sequence = Arc::clone(sequence);
        let how = "IntCounterVec::with_label_values(&[&str; 2]).inc(); series are told apart by a 64-bit hash alone";
        vec![Work::new(Kind::Peer, NAME, how, move || {
            let family = family.clone();
            over_labels(&sequence, move |pair| of(black_box(&family), pair).inc())
        })]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Peer,
            how: "IntCounterVec::with_label_values; Registry::gather and TextEncoder::encode_utf8 into a reused String",
            make: || Box::new(PrometheusStore::new(Registry::new())),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let (registry, counted, observed) = (Registry::new(), new_counter(), new_histogram());
        registry.register(Box::new(counted.clone())).expect(VALID);
        registry.register(Box::new(observed.clone())).expect(VALID);
        let store = PrometheusStore::new(registry);
        store.fill(series);
        Some(Tail {
            store: Box::new(store),
            counter: counter(counted),
            histogram: Some(histogram(observed)),
        })
    }
}

fn new_counter() -> IntCounter {
    IntCounter::new("counted_total", "Counted.").expect(VALID)
}

fn new_histogram() -> Histogram {
    let opts = HistogramOpts::new("observed", "Observed.").buckets(BOUNDS.to_vec());
    Histogram::with_opts(opts).expect(VALID)
}

fn new_family() -> IntCounterVec {
    IntCounterVec::new(Opts::new(METRIC, HELP), &["route", "method"]).expect(VALID)
}

fn counter(counter: IntCounter) -> Work {
    Work::new(Kind::Peer, NAME, "IntCounter::inc", move || {
        let counter = counter.clone();
        repeat_with(counter, prometheus::core::GenericCounter::inc)
    })
}

fn histogram(histogram: Histogram) -> Work {
    let values = seconds();
    Work::new(Kind::Peer, NAME, "Histogram::observe", move || {
        let histogram = histogram.clone();
        over_with(&values, histogram, |histogram, value| histogram.observe(*value))
    })
}

fn of(family: &IntCounterVec, Pair { route, method }: Pair<'_>) -> IntCounter {
    family.with_label_values(&[route, method])
}

struct PrometheusStore {
    registry: Registry,
    family: IntCounterVec,
}

impl PrometheusStore {
    fn new(registry: Registry) -> Self {
        let family = new_family();
        registry.register(Box::new(family.clone())).expect(VALID);
        Self { registry, family }
    }
}

impl Store for PrometheusStore {
    fn fill(&self, series: &[Labels]) {
        for (i, labels) in series.iter().enumerate() {
            of(&self.family, labels.as_pair()).inc_by(weight(i));
        }
    }

    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        let handles: Vec<IntCounter> =
            series.iter().map(|labels| of(&self.family, labels.as_pair())).collect();
        Box::new(move || handles.iter().for_each(IntCounter::inc))
    }

    fn scrape(&self, page: &mut Page) {
        page.text.clear();
        let families = self.registry.gather();
        TextEncoder::new().encode_utf8(&families, &mut page.text).expect("a String takes all");
    }
}

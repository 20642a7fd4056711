//! `foundations-metrics`, by Cloudflare: shared and thread-local counters, families by serialised labels and by enums.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;

use foundations_metrics::{
    Counter, EncodeMetric, Family, Histogram, LowCardinalityFamily, LowCardinalityLabel,
    NamedMetric, NativeHistogram, ThreadLocalCounter, encode_to_text,
};
use serde::Serialize;

use super::{Subject, Tail};
use crate::data::{
    BOUNDS, Closed, GROWTH, HELP, Labels, METRIC, Method, Outcome, Pair, Sequence, seconds, weight,
};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Work, over, over_labels, over_with, repeat_with};

const NAME: &str = "foundations-metrics";
const LOCAL: &str = "foundations-metrics, thread-local";

pub(crate) struct Foundations;

impl Subject for Foundations {
    fn counter(&self) -> Vec<Work> {
        let counter = Counter::<u64>::default();
        let shared = Work::new(Kind::Peer, NAME, "Counter::inc", move || {
            let counter = counter.clone();
            repeat_with(counter, |counter| {
                counter.inc();
            })
        });
        vec![shared, local(ThreadLocalCounter::default())]
    }

    fn histogram(&self) -> Vec<Work> {
        vec![histogram(Histogram::new(BOUNDS))]
    }

    fn native_histogram(&self) -> Vec<Work> {
        let (histogram, values) = (NativeHistogram::new(GROWTH), seconds());
        vec![Work::new(Kind::Peer, NAME, "NativeHistogram::new(1.1), observe", move || {
            let histogram = histogram.clone();
            over_with(&values, histogram, |histogram, value| histogram.observe(*value))
        })]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        vec![owned(sequence), leaked(sequence)]
    }

    fn closed_labels(&self) -> Vec<Work> {
        let shared = LowCardinalityFamily::<Enums, Counter>::default();
        let local = LowCardinalityFamily::<Enums, ThreadLocalCounter>::default();
        let (sequence, same) = (Closed::sequence(), Closed::sequence());
        vec![
            Work::new(
                Kind::Peer,
                NAME,
                "LowCardinalityFamily<_, Counter>::get_or_create, inc",
                move || {
                    let family = shared.clone();
                    over(&sequence, move |labels| {
                        black_box(&family).get_or_create(&Enums::from(*labels)).inc();
                    })
                },
            ),
            Work::new(
                Kind::Peer,
                LOCAL,
                "LowCardinalityFamily<_, ThreadLocalCounter>::get_or_create, inc",
                move || {
                    let family = local.clone();
                    over(&same, move |labels| {
                        black_box(&family).get_or_create(&Enums::from(*labels)).inc();
                    })
                },
            ),
        ]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Peer,
            how: "Family<_, Counter>::get_or_create with a label set of Strings; NamedMetric::encode and encode_to_text, \
                  which has no buffer to reuse",
            make: || Box::new(FoundationsStore::new()),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let (counted, observed) = (ThreadLocalCounter::default(), Histogram::new(BOUNDS));
        let mut store = FoundationsStore::new();
        store.metrics.push(Box::new(NamedMetric::new("counted", "Counted.", counted.clone())));
        store.metrics.push(Box::new(NamedMetric::new("observed", "Observed.", observed.clone())));
        store.fill(series);
        Some(Tail {
            store: Box::new(store),
            counter: local(counted),
            histogram: Some(histogram(observed)),
        })
    }
}

fn local(counter: ThreadLocalCounter) -> Work {
    Work::new(Kind::Peer, LOCAL, "ThreadLocalCounter::inc", move || {
        let counter = counter.clone();
        repeat_with(counter, ThreadLocalCounter::inc)
    })
}

fn histogram(histogram: Histogram) -> Work {
    let values = seconds();
    Work::new(Kind::Peer, NAME, "Histogram::observe", move || {
        let histogram = histogram.clone();
        over_with(&values, histogram, |histogram, value| histogram.observe(*value))
    })
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
struct Owned {
    route: String,
    method: String,
}

impl From<Pair<'_>> for Owned {
    fn from(Pair { route, method }: Pair<'_>) -> Self {
        Self { route: route.to_owned(), method: method.to_owned() }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
struct Leaked {
    route: &'static str,
    method: &'static str,
}

fn owned(sequence: &Arc<Sequence>) -> Work {
    let family = Family::<Owned, Counter>::default();
    for labels in &sequence.series {
        family.get_or_create(&labels.as_pair().into()).inc();
    }
    let sequence = Arc::clone(sequence);
    let how =
        "Family::get_or_create with a label set of two cloned Strings: it takes no borrowed ones";
    Work::new(Kind::Peer, NAME, how, move || {
        let family = family.clone();
        over_labels(&sequence, move |pair| {
            black_box(&family).get_or_create(&pair.into()).inc();
        })
    })
}

fn leaked(sequence: &Arc<Sequence>) -> Work {
    let family = Family::<Leaked, ThreadLocalCounter>::default();
    let sequence = sequence.leak();
    for Pair { route, method } in sequence.iter().copied() {
        family.get_or_create(&Leaked { route, method }).inc();
    }
    let how = "Family<_, ThreadLocalCounter>::get_or_create with a label set of two &'static str: for values known \
               beforehand";
    Work::new(Kind::Peer, "foundations-metrics, &'static", how, move || {
        let family = family.clone();
        over(&sequence, move |&Pair { route, method }| {
            black_box(&family).get_or_create(&Leaked { route, method }).inc();
        })
    })
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Enums {
    method: Method,
    outcome: Outcome,
}

impl From<Closed> for Enums {
    fn from(Closed { method, outcome }: Closed) -> Self {
        Self { method, outcome }
    }
}

impl LowCardinalityLabel for Enums {
    const CARDINALITY: NonZeroUsize = NonZeroUsize::new(Closed::COUNT).expect("16 is not 0");

    fn index(&self) -> usize {
        Closed { method: self.method, outcome: self.outcome }.index()
    }
}

struct FoundationsStore {
    family: Family<Owned, Counter>,
    /// What a page shows. The library's own registry is one for the process, and this needs many.
    metrics: Vec<Box<dyn EncodeMetric>>,
}

impl FoundationsStore {
    fn new() -> Self {
        let family = Family::<Owned, Counter>::default();
        let named = NamedMetric::new(METRIC, HELP, family.clone());
        Self { family, metrics: vec![Box::new(named)] }
    }
}

impl Store for FoundationsStore {
    fn fill(&self, series: &[Labels]) {
        for (i, labels) in series.iter().enumerate() {
            self.family.get_or_create(&labels.as_pair().into()).inc_by(weight(i));
        }
    }

    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        let handles: Vec<Counter> = series
            .iter()
            .map(|labels| self.family.get_or_create_owned(&labels.as_pair().into()))
            .collect();
        Box::new(move || {
            for counter in &handles {
                counter.inc();
            }
        })
    }

    fn scrape(&self, page: &mut Page) {
        let families: Vec<_> = self.metrics.iter().flat_map(|metric| metric.encode()).collect();
        page.text = encode_to_text(&families);
    }
}

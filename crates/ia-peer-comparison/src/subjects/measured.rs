//! `measured`, with interned label values (`lasso`).

use std::hint::black_box;
use std::sync::Arc;

use measured::label::StaticLabelSet;
use measured::lasso::ThreadedRodeo;
use measured::metric::MetricFamilyEncoding as _;
use measured::metric::group::Encoding as _;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::text::TextEncoder;
use measured::{Counter, CounterVec, Histogram, LabelGroup};

use super::{Subject, Tail};
use crate::data::{
    BOUNDS, Closed, HELP, Labels, METRIC, Method, Outcome, Pair, Sequence, seconds, weight,
};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Work, over, over_labels, over_with, repeat_with};

const NAME: &str = "measured";

pub(crate) struct Measured;

impl Subject for Measured {
    fn counter(&self) -> Vec<Work> {
        let counter = Arc::new(Counter::new());
        vec![Work::new(Kind::Peer, NAME, "Counter::inc", move || {
            let counter = Arc::clone(&counter);
            repeat_with(counter, |counter| counter.inc())
        })]
    }

    fn histogram(&self) -> Vec<Work> {
        let (histogram, values) = (Arc::new(histogram()), seconds());
        vec![Work::new(Kind::Peer, NAME, "Histogram::get_metric().observe", move || {
            let histogram = Arc::clone(&histogram);
            over_with(&values, histogram, |histogram, value| histogram.get_metric().observe(*value))
        })]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        let family = Arc::new(family());
        for labels in &sequence.series {
            family.inc(labels.as_pair().into());
        }
        let sequence = Arc::clone(sequence);
        let how = "CounterVec::inc, both labels dynamic_with ThreadedRodeo";
        vec![Work::new(Kind::Peer, NAME, how, move || {
            let family = Arc::clone(&family);
            over_labels(&sequence, move |pair| black_box(&family).inc(pair.into()))
        })]
    }

    fn closed_labels(&self) -> Vec<Work> {
        let family = Arc::new(CounterVec::dense_with_label_set(EnumSet {
            method: StaticLabelSet::new(),
            outcome: StaticLabelSet::new(),
        }));
        let sequence = Closed::sequence();
        let how = "CounterVec::dense_with_label_set, two FixedCardinalityLabels; inc";
        vec![Work::new(Kind::Peer, NAME, how, move || {
            let family = Arc::clone(&family);
            over(&sequence, move |&Closed { method, outcome }| {
                black_box(&family).inc(Enums { method, outcome });
            })
        })]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Peer,
            how: "CounterVec::inc_by, both labels dynamic_with ThreadedRodeo; TextEncoder into a reused Vec",
            make: || Box::new(MeasuredStore::new()),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let store = MeasuredStore::new();
        store.fill(series);
        let metrics = Arc::clone(&store.metrics);
        let counter = Work::new(Kind::Peer, NAME, "Counter::inc", move || {
            let metrics = Arc::clone(&metrics);
            repeat_with(metrics, |metrics| metrics.counted.inc())
        });
        let (metrics, values) = (Arc::clone(&store.metrics), seconds());
        let histogram = Work::new(Kind::Peer, NAME, "Histogram::get_metric().observe", move || {
            let metrics = Arc::clone(&metrics);
            over_with(&values, metrics, |metrics, value| {
                metrics.observed.get_metric().observe(*value);
            })
        });
        Some(Tail { store: Box::new(store), counter, histogram: Some(histogram) })
    }
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = StringSet)]
struct Strings<'a> {
    #[label(dynamic_with = ThreadedRodeo, default)]
    route: &'a str,
    #[label(dynamic_with = ThreadedRodeo, default)]
    method: &'a str,
}

impl<'a> From<Pair<'a>> for Strings<'a> {
    fn from(Pair { route, method }: Pair<'a>) -> Self {
        Self { route, method }
    }
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = EnumSet)]
struct Enums {
    method: Method,
    outcome: Outcome,
}

fn histogram() -> Histogram<11> {
    Histogram::with_metadata(Thresholds::with_buckets(BOUNDS))
}

fn family() -> CounterVec<StringSet> {
    CounterVec::with_label_set(StringSet::default())
}

/// The metrics of a page.
struct Metrics {
    counted: Counter,
    observed: Histogram<11>,
    requests: CounterVec<StringSet>,
}

struct MeasuredStore {
    metrics: Arc<Metrics>,
}

impl MeasuredStore {
    fn new() -> Self {
        let metrics =
            Metrics { counted: Counter::new(), observed: histogram(), requests: family() };
        Self { metrics: Arc::new(metrics) }
    }
}

impl Store for MeasuredStore {
    fn fill(&self, series: &[Labels]) {
        for (i, labels) in series.iter().enumerate() {
            self.metrics.requests.inc_by(labels.as_pair().into(), weight(i));
        }
    }

    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        let requests = &self.metrics.requests;
        let ids: Vec<_> =
            series.iter().map(|labels| requests.with_labels(labels.as_pair().into())).collect();
        Box::new(move || {
            for id in &ids {
                requests.get_metric(*id).inc();
            }
        })
    }

    fn scrape(&self, page: &mut Page) {
        page.bytes.clear();
        let mut encoder = TextEncoder::new(&mut page.bytes);
        let Metrics { counted, observed, requests } = &*self.metrics;
        let name = MetricName::from_str(METRIC);
        encoder
            .write_help(name, HELP)
            .and_then(|()| requests.collect_family_into(name, &mut encoder))
            .and_then(|()| {
                counted.collect_family_into(MetricName::from_str("counted"), &mut encoder)
            })
            .and_then(|()| {
                observed.collect_family_into(MetricName::from_str("observed"), &mut encoder)
            })
            .expect("a Vec takes all");
    }
}

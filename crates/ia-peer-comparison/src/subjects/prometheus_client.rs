//! `prometheus-client`, the Rust client of the Prometheus project.

use std::hint::black_box;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, NativeHistogramConfig};
use prometheus_client::registry::Registry;

use super::{Subject, Tail};
use crate::data::{BOUNDS, GROWTH, HELP, Labels, Pair, Sequence, seconds, weight};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Work, over, over_labels, over_with, repeat_with};

const NAME: &str = "prometheus-client";

pub(crate) struct PrometheusClient;

impl Subject for PrometheusClient {
    fn counter(&self) -> Vec<Work> {
        vec![counter(Counter::default())]
    }

    fn histogram(&self) -> Vec<Work> {
        vec![histogram(Histogram::new(BOUNDS), "Histogram::observe")]
    }

    fn native_histogram(&self) -> Vec<Work> {
        let native = Histogram::new_native(NativeHistogramConfig::new(GROWTH));
        vec![histogram(native, "Histogram::new_native with growth 1.1, observe")]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        vec![owned(sequence), leaked(sequence)]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Peer,
            how: "Family::get_or_create with a label set of Strings; text::encode into a reused String",
            make: || Box::new(ClientStore::new(Registry::default())),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let (mut registry, counted) = (Registry::default(), Counter::default());
        let observed = Histogram::new(BOUNDS);
        registry.register("counted", "Counted.", counted.clone());
        registry.register("observed", "Observed.", observed.clone());
        let store = ClientStore::new(registry);
        store.fill(series);
        Some(Tail {
            store: Box::new(store),
            counter: counter(counted),
            histogram: Some(histogram(observed, "Histogram::observe")),
        })
    }
}

fn counter(counter: Counter) -> Work {
    Work::new(Kind::Peer, NAME, "Counter::inc", move || {
        let counter = counter.clone();
        repeat_with(counter, |counter| {
            counter.inc();
        })
    })
}

fn histogram(histogram: Histogram, how: &'static str) -> Work {
    let values = seconds();
    Work::new(Kind::Peer, NAME, how, move || {
        let histogram = histogram.clone();
        over_with(&values, histogram, |histogram, value| histogram.observe(*value))
    })
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Owned {
    route: String,
    method: String,
}

impl From<Pair<'_>> for Owned {
    fn from(Pair { route, method }: Pair<'_>) -> Self {
        Self { route: route.to_owned(), method: method.to_owned() }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
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
    let family = Family::<Leaked, Counter>::default();
    let sequence = sequence.leak();
    for Pair { route, method } in sequence.iter().copied() {
        family.get_or_create(&Leaked { route, method }).inc();
    }
    let how =
        "Family::get_or_create with a label set of two &'static str: for values known beforehand";
    Work::new(Kind::Peer, "prometheus-client, &'static", how, move || {
        let family = family.clone();
        over(&sequence, move |&Pair { route, method }| {
            black_box(&family).get_or_create(&Leaked { route, method }).inc();
        })
    })
}

struct ClientStore {
    registry: Registry,
    family: Family<Owned, Counter>,
}

impl ClientStore {
    fn new(mut registry: Registry) -> Self {
        let family = Family::default();
        // The encoder appends `_total`.
        registry.register("http_requests", HELP, Family::clone(&family));
        Self { registry, family }
    }
}

impl Store for ClientStore {
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
        page.text.clear();
        encode(&mut page.text, &self.registry).expect("a String takes all");
    }
}

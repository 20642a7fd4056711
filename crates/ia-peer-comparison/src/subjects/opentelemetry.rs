//! `opentelemetry_sdk`, with `opentelemetry-prometheus` as its reader and for the text.
//!
//! Counting through a handle is shown as `add(1, &[])` and with the experimental bound instruments. The cardinality
//! limit, 2,000 by default, is raised to what is needed and no further: the SDK reserves memory for all of it.

use std::hint::black_box;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};
use prometheus::{Registry, TextEncoder};

use super::{Subject, Tail};
use crate::data::{BOUNDS, HELP, Labels, MOST_SERIES, Pair, Sequence, seconds, weight};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Work, over_labels, over_with, repeat_with};

const NAME: &str = "opentelemetry_sdk";
const BOUND: &str = "opentelemetry_sdk, bound";

pub(crate) struct OpenTelemetry;

impl Subject for OpenTelemetry {
    fn counter(&self) -> Vec<Work> {
        let sdk = Arc::new(Sdk::new());
        let bound = Arc::clone(&sdk);
        let how = "Counter::bind(&[]), BoundCounter::add(1); an experimental feature";
        let bound = Work::new(Kind::Peer, BOUND, how, move || {
            let counter = bound.counter().bind(&[]);
            repeat_with(counter, |counter| counter.add(1))
        });
        vec![counter(&sdk), bound]
    }

    fn histogram(&self) -> Vec<Work> {
        let sdk = Arc::new(Sdk::new());
        let (bound, values) = (Arc::clone(&sdk), seconds());
        let how = "Histogram::bind(&[]), BoundHistogram::record; an experimental feature";
        let bound = Work::new(Kind::Peer, BOUND, how, move || {
            let histogram = bound.histogram("observed").bind(&[]);
            over_with(&values, histogram, |histogram, value| histogram.record(*value))
        });
        vec![
            histogram(&sdk, "observed", "Histogram<f64>::record(value, &[]), with_boundaries"),
            bound,
        ]
    }

    fn native_histogram(&self) -> Vec<Work> {
        let how = "Histogram<f64>::record(value, &[]), a view with Base2ExponentialHistogram of 160 buckets";
        vec![histogram(&Arc::new(Sdk::new()), EXPONENTIAL, how)]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        let sdk = Sdk::new();
        let counter = sdk.requests();
        for labels in &sequence.series {
            counter.add(1, &attributes(labels.as_pair()));
        }
        let sequence = Arc::clone(sequence);
        let how = "Counter::add(1, &[KeyValue; 2]) with cloned Strings: it takes no borrowed ones";
        vec![Work::new(Kind::Peer, NAME, how, move || {
            let counter = sdk.requests();
            over_labels(&sequence, move |pair| black_box(&counter).add(1, &attributes(pair)))
        })]
    }

    fn disabled(&self) -> Vec<Work> {
        let how = "Counter::add(1, &[]) of a meter without a provider";
        vec![Work::new(Kind::Peer, "opentelemetry, noop", how, || {
            let counter = opentelemetry::global::meter("none").u64_counter("counted").build();
            repeat_with(counter, |counter| counter.add(1, &[]))
        })]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Peer,
            how: "Counter::add with two KeyValues; opentelemetry-prometheus without scope and target info, \
                  Registry::gather and TextEncoder::encode_utf8 into a reused String",
            make: || Box::new(SdkStore::new(Arc::new(Sdk::new()))),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let sdk = Arc::new(Sdk::new());
        let store = SdkStore::new(Arc::clone(&sdk));
        store.fill(series);
        Some(Tail {
            store: Box::new(store),
            counter: counter(&sdk),
            histogram: Some(histogram(&sdk, "observed", "Histogram<f64>::record(value, &[])")),
        })
    }
}

/// The instrument that the view turns into an exponential histogram.
const EXPONENTIAL: &str = "observed_exponential";

struct Sdk {
    registry: Registry,
    #[expect(dead_code, reason = "recording stops where it is dropped")]
    provider: SdkMeterProvider,
    meter: Meter,
}

impl Sdk {
    fn new() -> Self {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .without_target_info()
            .build()
            .expect("the registry is empty");
        let view = |instrument: &Instrument| {
            let stream = Stream::builder().with_cardinality_limit(MOST_SERIES);
            let stream = if instrument.name() == EXPONENTIAL {
                let aggregation = Aggregation::Base2ExponentialHistogram {
                    max_size: 160,
                    max_scale: 20,
                    record_min_max: false,
                };
                stream.with_aggregation(aggregation)
            } else {
                stream
            };
            stream.build().ok()
        };
        let provider = SdkMeterProvider::builder().with_reader(reader).with_view(view).build();
        let meter = provider.meter("comparison");
        Self { registry, provider, meter }
    }

    fn counter(&self) -> Counter<u64> {
        self.meter.u64_counter("counted").build()
    }

    fn requests(&self) -> Counter<u64> {
        // The exporter appends `_total`.
        self.meter.u64_counter("http_requests").with_description(HELP).build()
    }

    fn histogram(&self, name: &'static str) -> Histogram<f64> {
        self.meter.f64_histogram(name).with_boundaries(BOUNDS.to_vec()).build()
    }
}

fn counter(sdk: &Arc<Sdk>) -> Work {
    let sdk = Arc::clone(sdk);
    Work::new(Kind::Peer, NAME, "Counter::add(1, &[])", move || {
        let counter = sdk.counter();
        repeat_with(counter, |counter| counter.add(1, &[]))
    })
}

fn histogram(sdk: &Arc<Sdk>, name: &'static str, how: &'static str) -> Work {
    let (sdk, values) = (Arc::clone(sdk), seconds());
    Work::new(Kind::Peer, NAME, how, move || {
        let histogram = sdk.histogram(name);
        over_with(&values, histogram, |histogram, value| histogram.record(*value, &[]))
    })
}

fn attributes(Pair { route, method }: Pair<'_>) -> [KeyValue; 2] {
    [KeyValue::new("route", route.to_owned()), KeyValue::new("method", method.to_owned())]
}

struct SdkStore {
    sdk: Arc<Sdk>,
    requests: Counter<u64>,
}

impl SdkStore {
    fn new(sdk: Arc<Sdk>) -> Self {
        Self { requests: sdk.requests(), sdk }
    }
}

impl Store for SdkStore {
    fn fill(&self, series: &[Labels]) {
        for (i, labels) in series.iter().enumerate() {
            self.requests.add(weight(i), &attributes(labels.as_pair()));
        }
    }

    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        Box::new(move || {
            for labels in series {
                self.requests.add(1, &attributes(labels.as_pair()));
            }
        })
    }

    fn scrape(&self, page: &mut Page) {
        page.text.clear();
        let families = self.sdk.registry.gather();
        TextEncoder::new().encode_utf8(&families, &mut page.text).expect("a String takes all");
    }
}

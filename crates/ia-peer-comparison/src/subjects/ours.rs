//! `ia-metrics-core`, and `ia-exporter-prometheus` for the text.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use ia_exporter_prometheus::PrometheusExporter;
use ia_metrics_core::{Counter, CounterDesc, Family, HistogramDesc, Registry};

use super::{Subject, Tail};
use crate::data::{
    Closed, HELP, Labels, METRIC, MOST_SERIES, Method, Outcome, Pair, Sequence, durations, seconds,
    weight,
};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Work, over, over_labels, over_with, repeat_with};

const NAME: &str = "ia-metrics-core";
const COUNTER: CounterDesc<0> = CounterDesc::new("counted_total", "Counted.", []);
const SECONDS: HistogramDesc<0> = HistogramDesc::new("observed", "Observed.", []);
const DURATIONS: HistogramDesc<0, Duration> =
    HistogramDesc::seconds("observed_seconds", "Observed.", []);
const REQUESTS: CounterDesc<2> =
    CounterDesc::new(METRIC, HELP, ["route", "method"]).series_limit(MOST_SERIES);

pub(crate) struct Ours;

impl Subject for Ours {
    fn counter(&self) -> Vec<Work> {
        vec![counter(&Registry::new(), "Counter::inc")]
    }

    fn histogram(&self) -> Vec<Work> {
        let (registry, values) = (Registry::new(), durations());
        let how = "Histogram<Duration>::observe, the default bounds";
        let of_durations = Work::new(Kind::Ours, "ia-metrics-core, Duration", how, move || {
            let histogram = registry.histogram(&DURATIONS).get();
            over_with(&values, histogram, |histogram, value| histogram.observe(*value))
        });
        vec![histogram(&Registry::new()), of_durations]
    }

    fn native_histogram(&self) -> Vec<Work> {
        const NATIVE: HistogramDesc<0> = HistogramDesc::native("observed", "Observed.", []);
        let (registry, values) = (Registry::new(), seconds());
        let how = "Histogram<f64>::observe, native buckets";
        vec![Work::new(Kind::Ours, NAME, how, move || {
            let histogram = registry.histogram(&NATIVE).get();
            over_with(&values, histogram, |histogram, value| histogram.observe(*value))
        })]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        let family = Registry::new().counter(&REQUESTS);
        for labels in &sequence.series {
            of(&family, labels.as_pair()).inc();
        }
        let sequence = Arc::clone(sequence);
        vec![Work::new(Kind::Ours, NAME, "Family::with([&str; 2]).inc()", move || {
            let family = family.clone();
            over_labels(&sequence, move |pair| of(black_box(&family), pair).inc())
        })]
    }

    fn closed_labels(&self) -> Vec<Work> {
        let (registry, sequence) = (Registry::new(), Closed::sequence());
        let how = "closed label set: an array index";
        vec![Work::new(Kind::Ours, NAME, how, move || {
            let family = registry.counter(&REQUESTS).closed::<(Method, Outcome)>();
            over(&sequence, move |&Closed { method, outcome }| {
                black_box(&family).get((method, outcome)).inc();
            })
        })]
    }

    fn disabled(&self) -> Vec<Work> {
        let registry = Registry::builder().enabled(false).build();
        vec![counter(&registry, "Counter::inc, the registry switched off")]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Ours,
            how: "Family::with, a raised series limit; PrometheusExporter::write_page, a reused Page",
            make: || Box::new(OurStore::new(&Registry::new())),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let registry = Registry::new();
        let store = OurStore::new(&registry);
        store.fill(series);
        Some(Tail {
            store: Box::new(store),
            counter: counter(&registry, "Counter::inc"),
            histogram: Some(histogram(&registry)),
        })
    }
}

fn counter(registry: &Registry, how: &'static str) -> Work {
    let registry = registry.clone();
    Work::new(Kind::Ours, NAME, how, move || {
        let counter = registry.counter(&COUNTER).get();
        repeat_with(counter, Counter::inc)
    })
}

fn histogram(registry: &Registry) -> Work {
    let (registry, values) = (registry.clone(), seconds());
    Work::new(Kind::Ours, NAME, "Histogram<f64>::observe, the default bounds", move || {
        let histogram = registry.histogram(&SECONDS).get();
        over_with(&values, histogram, |histogram, value| histogram.observe(*value))
    })
}

fn of(family: &Family<Counter, 2>, Pair { route, method }: Pair<'_>) -> Counter {
    family.with([route, method])
}

struct OurStore {
    registry: Registry,
    family: Family<Counter, 2>,
    exporter: PrometheusExporter,
}

impl OurStore {
    fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            family: registry.counter(&REQUESTS),
            exporter: PrometheusExporter::new(),
        }
    }
}

impl Store for OurStore {
    fn fill(&self, series: &[Labels]) {
        for (i, labels) in series.iter().enumerate() {
            of(&self.family, labels.as_pair()).add(weight(i));
        }
    }

    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        let handles: Vec<Counter> =
            series.iter().map(|labels| of(&self.family, labels.as_pair())).collect();
        Box::new(move || handles.iter().for_each(Counter::inc))
    }

    fn scrape(&self, page: &mut Page) {
        self.exporter.write_page(&self.registry, &mut page.ours);
    }
}

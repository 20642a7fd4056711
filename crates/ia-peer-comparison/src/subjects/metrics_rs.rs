//! `metrics` with `metrics-exporter-prometheus`.
//!
//! The recorder is called directly, which spares the macros' way to the global one. Histograms queue every value until
//! `run_upkeep`, which the exporter's own listener calls every five seconds: each chunk of the measurement ends with it,
//! or the cost would be put off and the memory would grow.

use std::hint::black_box;
use std::sync::Arc;

use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{
    Matcher, NativeHistogramConfig, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::{Subject, Tail};
use crate::data::{BOUNDS, GROWTH, Labels, METRIC, Pair, Sequence, seconds, weight};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};
use crate::work::{Loop, Work, over_labels, over_with, repeat_with};

const NAME: &str = "metrics + exporter-prometheus";
const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

pub(crate) struct Metrics;

impl Subject for Metrics {
    fn counter(&self) -> Vec<Work> {
        vec![counter(&recorder())]
    }

    fn histogram(&self) -> Vec<Work> {
        vec![histogram(&recorder(), "Histogram::record and the drain of run_upkeep, set_buckets")]
    }

    fn native_histogram(&self) -> Vec<Work> {
        let config = NativeHistogramConfig::new(GROWTH, 160, 1e-9)
            .expect("the growth is over 1 and the threshold over 0");
        let name = Matcher::Full("observed".to_owned());
        let builder = PrometheusBuilder::new().set_native_histogram_for_metric(name, config);
        vec![histogram(
            &Arc::new(builder.build_recorder()),
            "Histogram::record and the drain of run_upkeep, set_native_histogram_for_metric",
        )]
    }

    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        let recorder = recorder();
        for labels in &sequence.series {
            of(&recorder, labels.as_pair()).increment(1);
        }
        let sequence = Arc::clone(sequence);
        let how = "Recorder::register_counter with a Key that owns copies of the strings, as the macro makes it; \
                   increment";
        vec![Work::new(Kind::Peer, NAME, how, move || {
            let recorder = Arc::clone(&recorder);
            over_labels(&sequence, move |pair| of(black_box(&recorder), pair).increment(1))
        })]
    }

    fn disabled(&self) -> Vec<Work> {
        vec![Work::new(Kind::Peer, "metrics, noop", "Counter::noop().increment(1)", || {
            let counter = Counter::noop();
            repeat_with(counter, |counter| counter.increment(1))
        })]
    }

    fn stores(&self) -> Vec<StoreSpec> {
        vec![StoreSpec {
            subject: NAME,
            kind: Kind::Peer,
            how: "Recorder::register_counter; PrometheusHandle::render_to_write into a reused buffer",
            make: || Box::new(MetricsStore::new(recorder())),
        }]
    }

    fn tail(&self, series: &[Labels]) -> Option<Tail> {
        let recorder = recorder();
        let store = MetricsStore::new(Arc::clone(&recorder));
        store.fill(series);
        Some(Tail {
            store: Box::new(store),
            counter: counter(&recorder),
            // The scrape drains it.
            histogram: Some(Work::new(
                Kind::Peer,
                NAME,
                "Histogram::record, set_buckets",
                move || {
                    let histogram =
                        recorder.register_histogram(&Key::from_static_name("observed"), &METADATA);
                    record(histogram)
                },
            )),
        })
    }
}

fn recorder() -> Arc<PrometheusRecorder> {
    let builder = PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are bounds");
    Arc::new(builder.build_recorder())
}

fn counter(recorder: &Arc<PrometheusRecorder>) -> Work {
    let recorder = Arc::clone(recorder);
    Work::new(Kind::Peer, NAME, "Counter::increment(1)", move || {
        let counter = recorder.register_counter(&Key::from_static_name("counted"), &METADATA);
        repeat_with(counter, |counter| counter.increment(1))
    })
}

fn histogram(recorder: &Arc<PrometheusRecorder>, how: &'static str) -> Work {
    let recorder = Arc::clone(recorder);
    Work::new(Kind::Peer, NAME, how, move || {
        let mut turns =
            record(recorder.register_histogram(&Key::from_static_name("observed"), &METADATA));
        let handle = recorder.handle();
        Box::new(move |times| {
            turns(times);
            handle.run_upkeep();
        })
    })
}

fn record(histogram: Histogram) -> Loop {
    over_with(&seconds(), histogram, |histogram, value| histogram.record(*value))
}

fn of(recorder: &PrometheusRecorder, Pair { route, method }: Pair<'_>) -> Counter {
    let labels =
        vec![Label::new("route", route.to_owned()), Label::new("method", method.to_owned())];
    recorder.register_counter(&Key::from_parts(METRIC, labels), &METADATA)
}

struct MetricsStore {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl MetricsStore {
    fn new(recorder: Arc<PrometheusRecorder>) -> Self {
        Self { handle: recorder.handle(), recorder }
    }
}

impl Store for MetricsStore {
    fn fill(&self, series: &[Labels]) {
        for (i, labels) in series.iter().enumerate() {
            of(&self.recorder, labels.as_pair()).increment(weight(i));
        }
    }

    fn recorder<'a>(&'a self, series: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        let handles: Vec<Counter> =
            series.iter().map(|labels| of(&self.recorder, labels.as_pair())).collect();
        Box::new(move || handles.iter().for_each(|counter| counter.increment(1)))
    }

    fn scrape(&self, page: &mut Page) {
        page.bytes.clear();
        self.handle.render_to_write(&mut page.bytes).expect("a Vec takes all");
    }
}

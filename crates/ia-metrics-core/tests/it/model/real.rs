//! The metrics of a program, as they are.

use std::any::Any;
use std::collections::BTreeMap;
use std::time::Duration;

use ia_metrics_core::{
    Clock, Counter, CounterDesc, DataPoint, Descriptor, DynamicFamily, Family, FamilySnapshot,
    Gauge, GaugeDesc, Histogram, HistogramDesc, Registry, Summary, SummaryDesc, UpDownCounter,
    UpDownCounterDesc,
};

use super::{BOUNDS, LIMIT, Metric, TIMEOUT, WINDOW};

/// Series by the name of the metric and the labels, with their values.
pub(super) type Shown = BTreeMap<(String, String), String>;

const COUNTER: CounterDesc<1> = CounterDesc::new("counter_total", "A metric.", ["id"]);
const IDLE_COUNTER: CounterDesc<2> =
    CounterDesc::new("idle_counter_total", "A metric.", ["id", "b"]).idle_timeout(TIMEOUT);
const UP_DOWN: UpDownCounterDesc<3> =
    UpDownCounterDesc::new("up_down", "A metric.", ["id", "b", "c"]);
const GAUGE: GaugeDesc<1> = GaugeDesc::new("gauge", "A metric.", ["id"]);
const FLOATS: HistogramDesc<1> = HistogramDesc::new("floats", "A metric.", ["id"]).buckets(&BOUNDS);
const INTEGERS: HistogramDesc<4, u64> =
    HistogramDesc::new("integers", "A metric.", ["id", "b", "c", "d"])
        .buckets(&BOUNDS)
        .idle_timeout(TIMEOUT);
const SUMMARY: SummaryDesc<1, u64> =
    SummaryDesc::new("summary", "A metric.", ["id"]).window(WINDOW).idle_timeout(TIMEOUT);

/// Short, long, empty, one that has to be escaped, one that is cut.
pub(super) fn label(number: usize) -> String {
    match number {
        0 => "a".into(),
        1 => "a value of more than sixteen bytes".into(),
        2 => String::new(),
        3 => "\"\\\n".into(),
        4 => "é".repeat(3_000),
        5 => "12345678".into(),
        6 => "123456789".into(),
        number => format!("label {number}"),
    }
}

/// The labels as they are shown, of the values that [`Families::look_up`] gives.
pub(super) fn labels(metric: Metric, number: usize) -> String {
    let mut id = label(number);
    if id.len() > 4_096 {
        let end = (0..=4_093).rev().find(|end| id.is_char_boundary(*end)).unwrap();
        id.truncate(end);
        id.push('…');
    }
    let others: &[(&str, &str)] = match metric {
        Metric::IdleCounter => &[("b", "x")],
        Metric::UpDown => &[("b", ""), ("c", "y")],
        Metric::Integers => &[("b", "x"), ("c", ""), ("d", "z")],
        Metric::Dynamic => {
            &[("b", "1"), ("c", "2"), ("d", "3"), ("e", "4"), ("f", "5"), ("g", "6")]
        }
        _ => &[],
    };
    let all: Vec<_> = [("id", &*id)].into_iter().chain(others.iter().copied()).collect();
    format!("{all:?}")
}

#[derive(Clone)]
pub(super) struct Families {
    counter: Family<Counter, 1>,
    idle_counter: Family<Counter, 2>,
    up_down: Family<UpDownCounter, 3>,
    gauge: Family<Gauge, 1>,
    floats: Family<Histogram, 1>,
    integers: Family<Histogram<u64>, 4>,
    summary: Family<Summary<u64>, 1>,
    dynamic: DynamicFamily<Counter>,
}

#[derive(Clone)]
enum Kind {
    Counter(Counter),
    UpDown(UpDownCounter),
    Gauge(Gauge),
    Floats(Histogram),
    Integers(Histogram<u64>),
    Summary(Summary<u64>),
}

/// A handle, or a guard that has one.
pub(super) enum Handle {
    Metric(MetricHandle),
    InFlight(#[expect(dead_code, reason = "it is there to be dropped")] Box<dyn Any + Send>),
}

#[derive(Clone)]
pub(super) struct MetricHandle(Kind);

pub(super) fn registry(clock: impl Clock) -> (Registry, Families) {
    let registry = Registry::builder().clock(clock).series_limit(LIMIT).build();
    let dynamic = Descriptor::counter("dynamic_total", "A metric.")
        .labels(["id", "b", "c", "d", "e", "f", "g"])
        .build()
        .unwrap();
    let families = Families {
        counter: registry.counter(&COUNTER),
        idle_counter: registry.counter(&IDLE_COUNTER),
        up_down: registry.up_down_counter(&UP_DOWN),
        gauge: registry.gauge(&GAUGE),
        floats: registry.histogram(&FLOATS),
        integers: registry.histogram(&INTEGERS),
        summary: registry.summary(&SUMMARY),
        dynamic: registry.dynamic(&dynamic).unwrap(),
    };
    (registry, families)
}

impl Families {
    pub(super) fn look_up(&self, metric: Metric, number: usize) -> MetricHandle {
        let id = &*label(number);
        MetricHandle(match metric {
            Metric::Counter => Kind::Counter(self.counter.with([id])),
            Metric::IdleCounter => Kind::Counter(self.idle_counter.with([id, "x"])),
            Metric::UpDown => Kind::UpDown(self.up_down.with([id, "", "y"])),
            Metric::Gauge => Kind::Gauge(self.gauge.with([id])),
            Metric::Floats => Kind::Floats(self.floats.with([id])),
            Metric::Integers => Kind::Integers(self.integers.with([id, "x", "", "z"])),
            Metric::Summary => Kind::Summary(self.summary.with([id])),
            Metric::Dynamic => {
                let values = [id, "1", "2", "3", "4", "5", "6"];
                Kind::Counter(self.dynamic.with(&values).unwrap())
            }
        })
    }

    pub(super) fn remove(&self, metric: Metric, number: usize) -> bool {
        let id = &*label(number);
        match metric {
            Metric::Counter => self.counter.remove([id]),
            Metric::IdleCounter => self.idle_counter.remove([id, "x"]),
            Metric::UpDown => self.up_down.remove([id, "", "y"]),
            Metric::Gauge => self.gauge.remove([id]),
            Metric::Floats => self.floats.remove([id]),
            Metric::Integers => self.integers.remove([id, "x", "", "z"]),
            Metric::Summary => self.summary.remove([id]),
            Metric::Dynamic => self.dynamic.remove(&[id, "1", "2", "3", "4", "5", "6"]).unwrap(),
        }
    }

    pub(super) fn clear(&self, metric: Metric) {
        match metric {
            Metric::Counter => self.counter.clear(),
            Metric::IdleCounter => self.idle_counter.clear(),
            Metric::UpDown => self.up_down.clear(),
            Metric::Gauge => self.gauge.clear(),
            Metric::Floats => self.floats.clear(),
            Metric::Integers => self.integers.clear(),
            Metric::Summary => self.summary.clear(),
            Metric::Dynamic => self.dynamic.clear(),
        }
    }
}

impl MetricHandle {
    /// Records an amount, as [`Series::record`](super::plain::Series::record) does.
    pub(super) fn record(&self, amount: u8) {
        match &self.0 {
            Kind::Counter(counter) => counter.add(amount.into()),
            Kind::UpDown(up_down) => up_down.add(i64::from(amount) - 100),
            Kind::Gauge(gauge) if amount.is_multiple_of(2) => gauge.set(amount.into()),
            Kind::Gauge(gauge) => gauge.sub(amount.into()),
            Kind::Floats(floats) if amount == u8::MAX => floats.observe(f64::NAN),
            Kind::Floats(floats) => floats.observe(f64::from(amount) / 2.0),
            Kind::Integers(integers) => integers.observe(amount.into()),
            Kind::Summary(summary) => summary.observe(amount.into()),
        }
    }

    /// What it says itself; of histograms and summaries that is less than a snapshot says.
    pub(super) fn value(&self) -> i64 {
        match &self.0 {
            Kind::Counter(counter) => counter.value().try_into().unwrap(),
            Kind::UpDown(up_down) => up_down.value(),
            Kind::Gauge(gauge) => gauge.value(),
            Kind::Floats(floats) => floats.count().try_into().unwrap(),
            Kind::Integers(integers) => integers.count().try_into().unwrap(),
            Kind::Summary(_) => 0,
        }
    }

    /// The smallest and the largest value of a summary's window; `None` for other kinds.
    pub(super) fn extremes(&self) -> Option<(Option<f64>, Option<f64>)> {
        match &self.0 {
            Kind::Summary(summary) => Some((summary.quantile(0.0), summary.quantile(1.0))),
            _ => None,
        }
    }

    pub(super) fn in_flight(&self) -> Option<Handle> {
        match &self.0 {
            Kind::UpDown(up_down) => Some(Handle::InFlight(Box::new(up_down.in_flight()))),
            Kind::Gauge(gauge) => Some(Handle::InFlight(Box::new(gauge.in_flight()))),
            _ => None,
        }
    }
}

/// What a family shows.
pub(super) fn show(family: &FamilySnapshot, shown: &mut Shown) {
    let mut number = 0;
    for series in family.series() {
        number += 1;
        let value = match series.point() {
            DataPoint::Counter(number) | DataPoint::Gauge(number) => number.to_string(),
            DataPoint::Histogram(histogram) => {
                let counts: Vec<u64> = histogram.buckets().map(|bucket| bucket.count).collect();
                format!("{counts:?} {}", histogram.sum())
            }
            DataPoint::Summary(summary) => format!("{} {}", summary.count(), summary.sum()),
            _ => panic!("a kind of point that is not known"),
        };
        let labels = format!("{:?}", series.labels().collect::<Vec<_>>());
        let before = shown.insert((family.name().to_owned(), labels), value);
        assert_eq!(before, None, "shown twice");
    }
    assert_eq!(family.series().len(), number);
}

pub(super) fn seconds(tenths: u64) -> Duration {
    Duration::from_millis(100 * tenths)
}

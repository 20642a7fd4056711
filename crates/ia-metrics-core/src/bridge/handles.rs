//! Our handles as those of the `metrics` crate.

use std::sync::Arc;

use metrics::{CounterFn, GaugeFn, HistogramFn};

use super::export::Exporter;
use super::local::{Local, Slots};
use super::metric_names::MetricNames;
use crate::{Counter, Descriptor, DescriptorBuilder, Gauge, Histogram, Metric};

/// A kind of metric that the `metrics` crate has too.
pub(super) trait Bridged: Metric {
    /// Its handle there.
    type Handle: Clone + 'static;

    /// A new handle there, which shares no counter of references with any other.
    fn handle(self) -> Self::Handle;
    /// The handle of a metric that cannot be exported.
    fn nothing() -> Self::Handle;
    /// Starts the description of a metric that is called `given` there.
    fn describe(exporter: &Exporter, given: &str, name: &str, help: &str) -> DescriptorBuilder;
    fn names(recorder: &super::recorder::Inner) -> &MetricNames<Self>;
    fn slots(local: &mut Local) -> &mut Slots<Self>;
}

struct CounterHandle(Counter);
struct GaugeHandle(Gauge<f64>);
struct HistogramHandle(Histogram<f64>);

impl CounterFn for CounterHandle {
    fn increment(&self, value: u64) {
        self.0.add(value);
    }

    fn absolute(&self, value: u64) {
        self.0.raise_to(value);
    }
}

impl GaugeFn for GaugeHandle {
    fn increment(&self, value: f64) {
        self.0.add(value);
    }

    fn decrement(&self, value: f64) {
        self.0.sub(value);
    }

    fn set(&self, value: f64) {
        self.0.set(value);
    }
}

impl HistogramFn for HistogramHandle {
    fn record(&self, value: f64) {
        self.0.observe(value);
    }

    fn record_many(&self, value: f64, count: usize) {
        self.0.observe_many(value, count as u64);
    }
}

impl Bridged for Counter {
    type Handle = metrics::Counter;

    fn handle(self) -> metrics::Counter {
        metrics::Counter::from_arc(Arc::new(CounterHandle(self)))
    }

    fn nothing() -> metrics::Counter {
        metrics::Counter::noop()
    }

    fn describe(_: &Exporter, _: &str, name: &str, help: &str) -> DescriptorBuilder {
        Descriptor::counter(name, help)
    }

    fn names(recorder: &super::recorder::Inner) -> &MetricNames<Self> {
        &recorder.counters
    }

    fn slots(local: &mut Local) -> &mut Slots<Self> {
        &mut local.counters
    }
}

impl Bridged for Gauge<f64> {
    type Handle = metrics::Gauge;

    fn handle(self) -> metrics::Gauge {
        metrics::Gauge::from_arc(Arc::new(GaugeHandle(self)))
    }

    fn nothing() -> metrics::Gauge {
        metrics::Gauge::noop()
    }

    fn describe(_: &Exporter, _: &str, name: &str, help: &str) -> DescriptorBuilder {
        Descriptor::gauge(name, help)
    }

    fn names(recorder: &super::recorder::Inner) -> &MetricNames<Self> {
        &recorder.gauges
    }

    fn slots(local: &mut Local) -> &mut Slots<Self> {
        &mut local.gauges
    }
}

impl Bridged for Histogram<f64> {
    type Handle = metrics::Histogram;

    fn handle(self) -> metrics::Histogram {
        metrics::Histogram::from_arc(Arc::new(HistogramHandle(self)))
    }

    fn nothing() -> metrics::Histogram {
        metrics::Histogram::noop()
    }

    fn describe(exporter: &Exporter, given: &str, name: &str, help: &str) -> DescriptorBuilder {
        Descriptor::histogram(name, help).buckets(exporter.buckets(given))
    }

    fn names(recorder: &super::recorder::Inner) -> &MetricNames<Self> {
        &recorder.histograms
    }

    fn slots(local: &mut Local) -> &mut Slots<Self> {
        &mut local.histograms
    }
}

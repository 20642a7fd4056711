//! Where what is instrumented by hand goes: the recorder of `metrics` and the subscriber of `tracing`, both of the process.
//!
//! A process has one of each, and a subscriber that is only the thread's would cost more at each span. So the
//! OpenTelemetry layer is always there, behind a switch: one load of an atomic where it is off.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// As many as the steps of a pipeline of ours have.
const BOUNDS: [f64; 17] = [
    0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0,
    600.0, 1_800.0, 3_600.0,
];
/// As many as the memory of a tracer of ours keeps.
const KEPT: usize = 10_000;

static EXPORTED: AtomicBool = AtomicBool::new(false);

fn handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are bounds");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).expect("nobody else installs one");
        let provider = SdkTracerProvider::builder().with_span_processor(Ring::default()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("by_hand"));
        let subscriber = tracing_subscriber::registry().with(Switched(layer));
        tracing::subscriber::set_global_default(subscriber).expect("nobody else installs one");
        handle
    })
}

/// Installs both, once.
pub(super) fn install() {
    handle();
}

/// What the recorder's own thread does every few seconds: without it, observations pile up.
pub(super) fn upkeep() {
    handle().run_upkeep();
}

pub(super) fn record_spans() {
    EXPORTED.store(true, Ordering::Relaxed);
}

pub(super) fn record_no_spans() {
    EXPORTED.store(false, Ordering::Relaxed);
}

/// Keeps the newest spans: less than an exporter does, as much as the memory of a tracer of ours.
#[derive(Debug, Default)]
struct Ring(Mutex<VecDeque<SpanData>>);

impl SpanProcessor for Ring {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spans.push_back(span);
        let oldest = if spans.len() > KEPT { spans.pop_front() } else { None };
        // What it holds is freed when nobody waits for the lock any more.
        drop(spans);
        drop(oldest);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// A layer that can be switched off between runs.
struct Switched<L>(L);

impl<L> Switched<L> {
    fn on(&self) -> Option<&L> {
        EXPORTED.load(Ordering::Relaxed).then_some(&self.0)
    }
}

impl<S: Subscriber, L: Layer<S>> Layer<S> for Switched<L> {
    fn on_register_dispatch(&self, dispatch: &tracing::Dispatch) {
        self.0.on_register_dispatch(dispatch);
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        self.0.on_layer(subscriber);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(layer) = self.on() {
            layer.on_new_span(attributes, id, context);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(layer) = self.on() {
            layer.on_record(id, values, context);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if let Some(layer) = self.on() {
            layer.on_event(event, context);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(layer) = self.on() {
            layer.on_enter(id, context);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(layer) = self.on() {
            layer.on_exit(id, context);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(layer) = self.on() {
            layer.on_close(id, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::handle;
    use crate::{Job, find, runtime};

    #[test]
    fn by_hand_the_same_facts_are_recorded() {
        let runner = find("functions, hand: metrics").expect("a subject of this name").make();
        runtime().block_on(runner.runs(Job::none(), 3));
        let text = handle().render();
        for fact in [
            "pipeline_executions_total{pipeline_name=\"by_hand\",status=\"success\"}",
            "pipeline_duration_seconds_bucket{pipeline_name=\"by_hand\",le=\"0.00001\"}",
            "active_pipelines{pipeline_name=\"by_hand\"}",
            "step_duration_seconds_bucket{pipeline_name=\"by_hand\",step_name=\"notify\",le=\"+Inf\"}",
            "step_executions_total{pipeline_name=\"by_hand\",step_name=\"load\",status=\"success\"}",
        ] {
            assert!(text.contains(fact), "{fact} is not in {text}");
        }
    }
}

//! A registry and a tracer to look into, and steps that many tests use.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use ia_metrics_core::Registry;
use ia_pipeline::{Instruments, Running, StepContext};
use ia_tracing::{SpanData, Spans, Tracer};

/// Where a pipeline under test records.
pub(crate) struct Probe {
    pub(crate) registry: Registry,
    pub(crate) tracer: Tracer,
}

impl Probe {
    pub(crate) fn new() -> Self {
        Self { registry: Registry::new(), tracer: Tracer::builder().memory(100_000).build() }
    }

    pub(crate) fn instruments(&self) -> Instruments {
        Instruments::new(self.registry.clone(), self.tracer.clone())
    }

    /// The value of one series of the pipeline `p`; 0 where there is none.
    pub(crate) fn value(&self, metric: &str, labels: &[(&str, &str)]) -> f64 {
        let labels = labels.iter().copied().chain([("pipeline_name", "p")]);
        self.registry.snapshot().value(metric, labels).unwrap_or(0.0)
    }

    pub(crate) fn runs(&self, status: &str) -> f64 {
        self.value("pipeline_executions_total", &[("status", status)])
    }

    /// All terminal counts together.
    pub(crate) fn all_runs(&self) -> f64 {
        ["success", "error", "cancelled"].into_iter().map(|status| self.runs(status)).sum()
    }

    pub(crate) fn steps(&self, step: &str, status: &str) -> f64 {
        self.value("step_executions_total", &[("step_name", step), ("status", status)])
    }

    pub(crate) fn errors(&self, step: &str, error_type: &str) -> f64 {
        self.value("step_errors_total", &[("step_name", step), ("error_type", error_type)])
    }

    pub(crate) fn active(&self) -> f64 {
        self.value("active_pipelines", &[])
    }

    pub(crate) fn spans(&self) -> Spans {
        self.tracer.spans()
    }

    pub(crate) fn span(&self, name: &str) -> SpanData {
        self.spans()
            .iter()
            .find(|span| span.name() == name)
            .unwrap_or_else(|| panic!("no span `{name}`"))
            .clone()
    }

    /// What must hold once no run is under way.
    pub(crate) fn assert_settled(&self) {
        assert_eq!(self.active(), 0.0, "active_pipelines");
        assert_eq!(self.value("pipeline_queue_depth", &[]), 0.0, "pipeline_queue_depth");
        let waiting = self.registry.snapshot().sum("step_stream_depth", []);
        assert_eq!(waiting, 0.0, "step_stream_depth");
        assert_eq!(
            self.value("pipeline_duration_seconds", &[]),
            self.all_runs(),
            "one duration for each run"
        );
    }
}

pub(crate) async fn same(_: StepContext, n: u32) -> Result<u32, io::Error> {
    Ok(n)
}

pub(crate) async fn double(_: StepContext, n: u32) -> Result<u32, io::Error> {
    Ok(n * 2)
}

pub(crate) async fn fail(_: StepContext, _: u32) -> Result<u32, io::Error> {
    Err(io::Error::from(io::ErrorKind::NotFound))
}

pub(crate) async fn never(_: StepContext, _: u32) -> Result<u32, io::Error> {
    std::future::pending().await
}

/// A step that notes its name and its input, and gives one more.
pub(crate) fn logged(
    log: &Arc<Mutex<Vec<String>>>,
) -> impl Fn(StepContext, u32) -> std::future::Ready<Result<u32, io::Error>> + use<> {
    let log = Arc::clone(log);
    move |ctx, n| {
        log.lock().unwrap().push(format!("{}{n}", ctx.step_name()));
        std::future::ready(Ok(n + 1))
    }
}

/// Polls a run once; whether it has finished.
pub(crate) fn poll_once<O>(r: &mut Running<O>) -> bool {
    Pin::new(r).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

//! Exemplars point to the current span.

use ia_telemetry::metrics::{Exemplar, ExemplarSpan};
use ia_telemetry::prelude::*;
use ia_telemetry::testing::isolated;
use ia_telemetry::tracing::{SpanId, TraceFlags, TraceId};

const PAGES: CounterDesc<0> = CounterDesc::new("pages_total", "Pages.", []).exemplars();

/// The span of the exemplar of the only series.
fn exemplar(telemetry: &Telemetry) -> Option<ExemplarSpan> {
    let metrics = telemetry.metrics();
    let series = metrics.family("pages_total")?.series().next()?;
    series.exemplar().map(Exemplar::span)
}

fn count(telemetry: &Telemetry) {
    telemetry.registry().counter(&PAGES).get().inc();
}

#[tokio::test]
async fn what_is_recorded_within_a_span_points_to_it_and_what_is_outside_to_none() {
    let telemetry = isolated();
    count(&telemetry);
    assert_eq!(exemplar(&telemetry), None);

    let span = telemetry.tracer().start("load");
    let context = span.context();
    async {
        tokio::task::yield_now().await;
        count(&telemetry);
    }
    .instrument(span)
    .await;
    let exemplar = exemplar(&telemetry).unwrap();
    assert_eq!(exemplar.trace_id().to_string(), context.trace_id.to_string());
    assert_eq!(exemplar.span_id().to_string(), context.span_id.to_string());
}

#[test]
fn a_span_that_is_not_sampled_gives_none() {
    let telemetry = isolated();
    telemetry.tracer().set_enabled(false);
    telemetry.tracer().in_span("off", |_| count(&telemetry));
    let unsampled = SpanContext::new(TraceId::random(), SpanId::random(), TraceFlags::default());
    let entered = unsampled.enter();
    count(&telemetry);
    drop(entered);
    assert_eq!((telemetry.value("pages_total", []) == 2, exemplar(&telemetry)), (true, None));
}

#[test]
fn a_registry_keeps_the_source_that_it_was_built_with() {
    let registry = Registry::builder().exemplars(|| ExemplarSpan::new([1; 16], [1; 8])).build();
    let telemetry = Telemetry::builder().registry(registry).build().unwrap();
    telemetry.tracer().in_span("load", |_| count(&telemetry));
    assert_eq!(exemplar(&telemetry), ExemplarSpan::new([1; 16], [1; 8]));
}

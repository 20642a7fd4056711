//! From a metric to the span in which it was recorded.

use ia_metrics_core::{ExemplarSpan, Registry};
use ia_tracing::SpanContext;

/// Makes the registry's exemplars point to the current span, unless they point elsewhere already.
pub(super) fn point_to_current_span(registry: &Registry) {
    registry.set_exemplar_source(current_span).ok();
}

/// The span that is current on this thread, if it is sampled. Whichever tracer started it: that is what a trace is.
fn current_span() -> Option<ExemplarSpan> {
    let context = SpanContext::current().filter(|context| context.flags.is_sampled())?;
    ExemplarSpan::new(context.trace_id.to_bytes(), context.span_id.to_bytes())
}

use ia_tracing::{SimpleTracer, Span, Tracer};

#[test]
fn spans_can_be_asked_for_by_trace_or_all_together() {
    let tracer = SimpleTracer::new();
    let trace_id = tracer.in_span("a", Span::trace_id);
    tracer.in_span("b", |_| ());
    assert_eq!(tracer.get_spans(None).tree(), "a; b");
    assert_eq!(tracer.get_spans(trace_id).tree(), "a");
    assert_eq!(tracer.get_spans(Some(trace_id)).tree(), "a");
}

#[test]
fn a_capacity_bounds_the_memory() {
    let tracer = SimpleTracer::with_capacity(1);
    tracer.start("a").end();
    tracer.start("b").end();
    assert_eq!(tracer.get_spans(None).tree(), "b");
    assert_eq!(tracer.stats().evicted, 1);
}

#[test]
fn the_tracer_it_becomes_shares_its_memory() {
    let simple = SimpleTracer::default();
    let tracer = Tracer::from(simple.clone());
    tracer.start("work").end();
    assert_eq!(simple.get_spans(None).tree(), "work");
    simple.clear();
    assert!(tracer.spans().is_empty());
}

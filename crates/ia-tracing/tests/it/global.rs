use ia_tracing::{Span, Tracer};

#[test]
fn the_global_tracer_records_on_first_use_and_cannot_be_replaced_then() {
    let trace_id = Tracer::global().in_span("work", Span::trace_id);
    assert_eq!(Tracer::global().spans_of(trace_id).tree(), "work");
    let error = Tracer::set_global(Tracer::default()).unwrap_err();
    assert!(error.to_string().contains("before the first use"), "{error}");
}

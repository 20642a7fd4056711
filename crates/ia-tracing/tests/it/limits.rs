use ia_tracing::{Tracer, Value};

#[test]
fn a_span_holds_128_attributes_and_counts_the_rest() {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    for index in 0..130 {
        span.set_attribute(format!("key {index}"), index);
    }
    span.end();
    let span = &tracer.spans()[0];
    assert_eq!((span.attributes().len(), span.dropped_attributes()), (128, 2));
    assert_eq!(span.attribute("key 127"), Some(&Value::from(127)));
    assert_eq!(span.attribute("key 128"), None);
}

#[test]
fn a_full_span_still_takes_new_values_for_old_attributes() {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    for index in 0..128 {
        span.set_attribute(format!("key {index}"), index);
    }
    span.set_attribute("key 0", "new");
    span.end();
    let span = &tracer.spans()[0];
    assert_eq!(*span.attribute("key 0").unwrap(), "new");
    assert_eq!(span.dropped_attributes(), 0);
}

#[test]
fn attributes_given_before_the_start_count_too() {
    let tracer = Tracer::default();
    let mut builder = tracer.span("work");
    for index in 0..129 {
        builder = builder.attribute(format!("key {index}"), index);
    }
    builder.start().end();
    assert_eq!(tracer.spans()[0].dropped_attributes(), 1);
}

#[test]
fn a_span_holds_128_events_and_counts_the_rest() {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    for index in 0..131 {
        span.add_bare_event(format!("event {index}"));
    }
    span.end();
    let span = &tracer.spans()[0];
    assert_eq!((span.events().len(), span.dropped_events()), (128, 3));
    assert_eq!(span.events()[127].name(), "event 127");
}

#[test]
fn an_event_holds_128_attributes_and_counts_the_rest() {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    span.add_event("many", (0..129).map(|index| (format!("key {index}"), index)));
    span.end();
    let spans = tracer.spans();
    let event = &spans[0].events()[0];
    assert_eq!((event.attributes().len(), event.dropped_attributes()), (128, 1));
}

use std::time::{Duration, SystemTime};

use ia_tracing::Value;

use crate::support::{manual, ms};

#[test]
fn events_keep_their_order_time_and_attributes() {
    let (tracer, clock) = manual();
    let span = tracer.start("work");
    clock.advance(ms(5));
    span.add_event("retry", [("attempt", 2)]);
    clock.advance(ms(5));
    span.add_bare_event("done");
    span.end();

    let spans = tracer.spans();
    let events = spans[0].events();
    let at = |event: usize| events[event].time().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!([events[0].name(), events[1].name()], ["retry", "done"]);
    assert_eq!([at(0), at(1)], [ms(5), ms(10)]);
    assert_eq!(events[0].attribute("attempt"), Some(&Value::from(2)));
    assert!(events[1].attributes().is_empty());
}

#[test]
fn an_attribute_set_again_replaces_its_value_in_place() {
    let (tracer, _) = manual();
    let span = tracer.span("work").attribute("a", 1).attribute("b", 2).start();
    span.set_attribute("a", "new");
    span.end();
    let attributes = [("a".into(), Value::from("new")), ("b".into(), Value::from(2))];
    assert_eq!(tracer.spans()[0].attributes(), attributes);
}

#[test]
fn attributes_of_an_event_may_touch_the_span_while_they_are_made() {
    let (tracer, _) = manual();
    let span = tracer.start("work");
    span.add_event(
        "done",
        (0..2).map(|index| {
            span.set_attribute("last", index);
            (format!("attribute {index}"), index)
        }),
    );
    span.end();
    let spans = tracer.spans();
    assert_eq!(*spans[0].attribute("last").unwrap(), 1);
    assert_eq!(spans[0].events()[0].attributes().len(), 2);
}

#[test]
fn a_start_time_given_by_the_caller_is_used() {
    let (tracer, clock) = manual();
    let boundary = tracer.now();
    clock.advance(ms(3));
    tracer.span("work").start_time(boundary).start().end();
    let span = &tracer.spans()[0];
    assert_eq!(span.duration(), ms(3));
    assert_eq!(span.start(), SystemTime::UNIX_EPOCH);
    assert_eq!(span.end().duration_since(span.start()).unwrap_or(Duration::ZERO), ms(3));
}

use std::sync::Arc;
use std::thread;

use ia_tracing::Tracer;

use crate::support::{manual, ms};

#[test]
fn dropping_a_span_ends_it() {
    let tracer = Tracer::default();
    drop(tracer.start("work"));
    assert_eq!(tracer.spans().tree(), "work");
}

#[test]
fn only_the_first_end_counts() {
    let (tracer, clock) = manual();
    let span = tracer.start("work");
    clock.advance(ms(1));
    span.end();
    clock.advance(ms(1));
    span.end();
    span.end_at(tracer.now());
    drop(span);
    assert_eq!(tracer.stats().recorded, 1);
    assert_eq!(tracer.spans()[0].duration(), ms(1));
}

#[test]
fn what_is_set_after_the_end_is_ignored() {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    span.end();
    assert!(!span.is_recording());
    span.set_attribute("late", true);
    span.add_bare_event("late");
    span.set_status(ia_tracing::Status::Ok);
    drop(span);
    let spans = tracer.spans();
    assert!(spans[0].attributes().is_empty() && spans[0].events().is_empty());
    assert_eq!(spans[0].status().to_string(), "unset");
}

#[test]
fn a_span_can_end_on_another_thread() {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    thread::spawn(move || span.end()).join().unwrap();
    assert_eq!(tracer.stats().recorded, 1);
}

#[test]
fn a_shared_span_ends_with_its_last_owner() {
    let tracer = Tracer::default();
    let span = Arc::new(tracer.start("work"));
    let other = Arc::clone(&span);
    drop(span);
    assert_eq!(tracer.stats().recorded, 0);
    drop(other);
    assert_eq!(tracer.stats().recorded, 1);
}

#[test]
fn a_span_outlives_the_handle_that_started_it() {
    let (tracer, clock) = manual();
    let other = tracer.clone();
    let span = tracer.start("work");
    drop(tracer);
    clock.advance(ms(1));
    span.end();
    assert_eq!(other.spans()[0].duration(), ms(1));
}

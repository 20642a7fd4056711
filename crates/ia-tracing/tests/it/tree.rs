use ia_tracing::{Spans, Tracer};

use crate::support::{manual, ms};

fn leaf(tracer: &Tracer, name: &'static str) {
    tracer.start(name).end();
}

#[test]
fn no_spans_make_an_empty_text() {
    assert_eq!(Spans::default().tree(), "");
}

#[test]
fn children_of_a_root_follow_an_arrow() {
    let tracer = Tracer::default();
    tracer.in_span("rag", |_| {
        leaf(&tracer, "load");
        leaf(&tracer, "summarise");
    });
    assert_eq!(tracer.spans().tree(), "rag > load, summarise");
}

#[test]
fn deeper_children_stand_in_parentheses() {
    let tracer = Tracer::default();
    tracer.in_span("a", |_| {
        tracer.in_span("b", |_| {
            tracer.in_span("c", |_| leaf(&tracer, "d"));
            leaf(&tracer, "e");
        });
        leaf(&tracer, "f");
    });
    assert_eq!(tracer.spans().tree(), "a > b (c (d), e), f");
}

#[test]
fn open_lists_are_closed_before_the_next_root() {
    let tracer = Tracer::default();
    tracer.in_span("a", |_| tracer.in_span("b", |_| tracer.in_span("c", |_| leaf(&tracer, "d"))));
    tracer.in_span("e", |_| leaf(&tracer, "f"));
    leaf(&tracer, "g");
    assert_eq!(tracer.spans().tree(), "a > b (c (d)); e > f; g");
}

#[test]
fn siblings_are_in_the_order_they_started() {
    let (tracer, clock) = manual();
    tracer.in_span("root", |_| {
        let first = tracer.start("first");
        clock.advance(ms(1));
        let second = tracer.start("second");
        second.end();
        first.end();
    });
    assert_eq!(tracer.spans().tree(), "root > first, second");
}

#[test]
fn siblings_of_the_same_instant_are_in_the_order_they_were_started() {
    let (tracer, _clock) = manual();
    tracer.in_span("root", |_| {
        let started = ["first", "second", "third"].map(|name| tracer.start(name));
        for span in started.iter().rev() {
            span.end();
        }
    });
    assert_eq!(tracer.spans().tree(), "root > first, second, third");
}

#[test]
fn a_span_whose_parent_is_absent_counts_as_root() {
    let tracer = Tracer::default();
    tracer.in_span("gone", |_| tracer.in_span("orphan", |_| leaf(&tracer, "child")));
    let spans: Spans = tracer.spans().into_iter().filter(|span| span.name() != "gone").collect();
    assert_eq!(spans.tree(), "orphan > child");
}

#[test]
fn a_trace_of_100_000_levels_does_not_overflow_the_stack() {
    const LEVELS: usize = 100_000;
    let tracer = Tracer::builder().memory(LEVELS).build();
    let mut parent = None;
    for _ in 0..LEVELS {
        let span = tracer.span("s").parent(parent).start();
        parent = Some(span.context());
    }
    let tree = tracer.spans().tree();
    assert!(tree.starts_with("s > s (s (s"));
    assert_eq!(tree.matches('s').count(), LEVELS);
    assert_eq!(tree.matches(')').count(), LEVELS - 2);
}

#[test]
fn spans_can_be_looped_over_by_reference_and_by_value() {
    let tracer = Tracer::default();
    leaf(&tracer, "work");
    let spans = tracer.spans();
    for span in &spans {
        assert_eq!(span.name(), "work");
    }
    assert_eq!(spans.into_iter().count(), 1);
}

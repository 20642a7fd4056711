use std::thread;

use ia_tracing::{Span, SpanContext, Tracer, with_current_context};

#[test]
fn a_span_without_a_current_one_is_a_root() {
    let tracer = Tracer::default();
    let (a, b) = (tracer.start("a"), tracer.start("b"));
    assert_eq!((a.parent_id(), b.parent_id()), (None, None));
    assert_ne!(a.trace_id(), b.trace_id());
}

#[test]
fn a_child_shares_the_trace_and_names_its_parent() {
    let tracer = Tracer::default();
    let parent = tracer.start("parent");
    let _entered = parent.enter();
    let child = tracer.start("child");
    assert_eq!(child.trace_id(), parent.trace_id());
    assert_eq!(child.parent_id(), Some(parent.span_id()));
    assert_ne!(child.span_id(), parent.span_id());
}

#[test]
fn starting_a_span_does_not_make_it_current() {
    let tracer = Tracer::default();
    let _running = tracer.start("running");
    assert_eq!(SpanContext::current(), None);
}

#[test]
fn a_given_parent_wins_over_the_current_span() {
    let tracer = Tracer::default();
    let given = tracer.start("given");
    let current = tracer.start("current");
    let _entered = current.enter();
    let by_context = tracer.span("child").parent(given.context()).start();
    let by_span = tracer.span("child").parent(&given).start();
    let by_option = tracer.span("child").parent(Some(given.context())).start();
    for child in [by_context, by_span, by_option] {
        assert_eq!(child.parent_id(), Some(given.span_id()));
    }
}

#[test]
fn root_and_parent_none_begin_a_new_trace() {
    let tracer = Tracer::default();
    let current = tracer.start("current");
    let _entered = current.enter();
    for span in [tracer.span("a").root().start(), tracer.span("b").parent(None).start()] {
        assert_eq!(span.parent_id(), None);
        assert_ne!(span.trace_id(), current.trace_id());
    }
}

#[test]
fn a_plain_thread_begins_a_new_trace() {
    let tracer = Tracer::default();
    tracer.in_span("parent", |_| {
        let there = tracer.clone();
        thread::spawn(move || there.start("stranger").end()).join().unwrap();
    });
    assert_eq!(tracer.spans().tree(), "parent; stranger");
}

#[test]
fn a_thread_with_the_current_context_continues_the_trace() {
    let tracer = Tracer::default();
    tracer.in_span("parent", |_| {
        let there = tracer.clone();
        let work = with_current_context(move || there.in_span("child", Span::trace_id));
        let trace_id = thread::spawn(work).join().unwrap();
        assert_eq!(Some(trace_id), SpanContext::current().map(|current| current.trace_id));
    });
    assert_eq!(tracer.spans().tree(), "parent > child");
}

#[test]
fn a_carried_closure_restores_what_was_current_where_it_ran() {
    let tracer = Tracer::default();
    let work = tracer.in_span("there", |_| with_current_context(SpanContext::current));
    let here = tracer.start("here");
    let _entered = here.enter();
    assert_ne!(work(), Some(here.context()));
    assert_eq!(SpanContext::current(), Some(here.context()));
}

#[test]
fn a_span_can_be_shared_with_scoped_threads() {
    let tracer = Tracer::default();
    let parent = tracer.start("parent");
    thread::scope(|scope| {
        for index in 0..4 {
            let (tracer, parent) = (&tracer, &parent);
            scope.spawn(move || {
                parent.set_attribute(format!("thread {index}"), true);
                tracer.span("child").parent(parent).start().end();
            });
        }
    });
    parent.end();
    let spans = tracer.spans();
    assert_eq!(spans.tree(), "parent > child, child, child, child");
    assert_eq!(spans[4].attributes().len(), 4);
}

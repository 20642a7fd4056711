use ia_tracing::{Instrument, SpanContext, Tracer};

#[test]
fn switching_off_reaches_handles_already_given_out() {
    let tracer = Tracer::default();
    let handle = tracer.clone();
    tracer.set_enabled(false);
    assert!(!handle.is_enabled());
    handle.start("unseen").end();
    assert_eq!(tracer.stats().recorded, 0);
}

#[test]
fn switching_on_again_records_again() {
    let tracer = Tracer::builder().enabled(false).build();
    tracer.start("unseen").end();
    tracer.set_enabled(true);
    tracer.start("seen").end();
    assert_eq!(tracer.spans().tree(), "seen");
}

#[test]
fn a_span_that_runs_already_is_recorded_when_it_ends() {
    let tracer = Tracer::default();
    let span = tracer.start("running");
    tracer.set_enabled(false);
    span.set_attribute("late", true);
    span.end();
    let spans = tracer.spans();
    assert_eq!(*spans[0].attribute("late").unwrap(), true);
}

#[test]
fn a_span_started_while_off_does_not_record() {
    let tracer = Tracer::builder().enabled(false).build();
    let span = tracer.span("unseen").attribute("a", 1).start();
    span.set_attribute("b", 2);
    span.add_bare_event("c");
    assert!(!span.is_recording());
    assert_eq!(span.name(), "unseen");
    tracer.set_enabled(true);
    drop(span);
    assert_eq!(tracer.stats().recorded, 0);
}

#[test]
fn grandchildren_of_an_unrecorded_span_find_the_recorded_parent() {
    let tracer = Tracer::default();
    tracer.in_span("recorded", |recorded| {
        tracer.set_enabled(false);
        let silent = tracer.start("silent");
        tracer.set_enabled(true);
        assert_eq!(silent.context(), recorded.context());
        let _entered = silent.enter();
        tracer.start("by current").end();
        tracer.span("by name").parent(&silent).start().end();
    });
    assert_eq!(tracer.spans().tree(), "recorded > by current, by name");
}

#[test]
fn an_unrecorded_root_keeps_what_follows_in_one_trace() {
    let tracer = Tracer::builder().enabled(false).build();
    let root = tracer.start("silent");
    assert!(!root.context().flags.is_sampled());
    tracer.set_enabled(true);
    let _entered = root.enter();
    for name in ["a", "b"] {
        tracer.start(name).end();
    }
    assert_eq!(tracer.spans_of(root.trace_id()).tree(), "a; b");
}

#[tokio::test]
async fn a_future_under_an_unrecorded_span_runs_as_ever() {
    let tracer = Tracer::builder().enabled(false).build();
    let span = tracer.start("silent");
    let context = span.context();
    let current = async {
        tokio::task::yield_now().await;
        SpanContext::current()
    };
    assert_eq!(current.instrument(span).await, Some(context));
}

#[test]
fn values_of_an_unrecorded_span_are_not_converted() {
    struct Costly;
    impl From<Costly> for ia_tracing::Value {
        fn from(_: Costly) -> Self {
            panic!("converted in vain")
        }
    }
    let tracer = Tracer::builder().enabled(false).build();
    tracer.span("silent").attribute("a", Costly).start().set_attribute("b", Costly);
}

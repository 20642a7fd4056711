use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use ia_tracing::{SpanData, SpanSink, Tracer};

#[derive(Default)]
struct Names(Mutex<Vec<String>>);

impl SpanSink for Names {
    fn record(&self, span: &SpanData) {
        self.0.lock().unwrap().push(span.name().to_owned());
    }
}

struct Panicking;

impl SpanSink for Panicking {
    fn record(&self, _: &SpanData) {
        panic!("expected");
    }
}

#[test]
fn every_sink_sees_every_finished_span() {
    let sinks = [Arc::new(Names::default()), Arc::new(Names::default())];
    let tracer = Tracer::builder().sink(Arc::clone(&sinks[0])).sink(Arc::clone(&sinks[1])).build();
    tracer.in_span("outer", |_| tracer.start("inner").end());
    for sink in &sinks {
        assert_eq!(*sink.0.lock().unwrap(), ["inner", "outer"]);
    }
    assert_eq!(tracer.spans().len(), 2);
}

#[test]
fn a_panicking_sink_is_counted_and_harms_nobody() {
    let after = Arc::new(Names::default());
    let tracer = Tracer::builder().sink(Panicking).sink(Arc::clone(&after)).build();
    tracer.start("work").end();
    assert_eq!(tracer.stats().sink_panics, 1);
    assert_eq!(tracer.stats().recorded, 1);
    assert_eq!(*after.0.lock().unwrap(), ["work"]);
}

#[test]
fn a_panicking_sink_does_not_abort_a_panic_that_unwinds() {
    let tracer = Tracer::builder().sink(Panicking).build();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let _span = tracer.start("work");
        panic!("expected");
    }));
    assert!(result.is_err());
    assert_eq!(tracer.stats().sink_panics, 1);
}

/// A sink that traces itself, as an instrumented HTTP client would.
struct Tracing(Mutex<Option<Tracer>>);

impl SpanSink for Tracing {
    fn record(&self, _: &SpanData) {
        let tracer = self.0.lock().unwrap().clone().unwrap();
        tracer.in_span("sending", |_| ());
    }
}

#[test]
fn a_sink_never_traces_itself() {
    let sink = Arc::new(Tracing(Mutex::default()));
    let tracer = Tracer::builder().sink(Arc::clone(&sink)).build();
    *sink.0.lock().unwrap() = Some(tracer.clone());
    tracer.start("work").end();
    tracer.start("more").end();
    sink.0.lock().unwrap().take();
    assert_eq!(tracer.spans().tree(), "work; more");
    assert_eq!(tracer.stats().sink_panics, 0);
}

#[test]
fn what_a_panic_of_a_sink_carries_may_panic_too() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("again"));
        }
    }
    struct Bomb;
    impl SpanSink for Bomb {
        fn record(&self, _: &SpanData) {
            std::panic::resume_unwind(Box::new(Payload));
        }
    }
    let tracer = Tracer::builder().sink(Bomb).build();
    tracer.start("work").end();
    assert_eq!(tracer.stats().sink_panics, 1);
}

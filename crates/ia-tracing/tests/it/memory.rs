use ia_tracing::Tracer;

fn end_many(tracer: &Tracer, count: usize) {
    for index in 0..count {
        tracer.start(format!("{index}")).end();
    }
}

#[test]
fn the_memory_keeps_the_newest_spans_and_counts_the_evicted() {
    let tracer = Tracer::builder().memory(3).build();
    end_many(&tracer, 10);
    assert_eq!(tracer.spans().tree(), "7; 8; 9");
    let stats = tracer.stats();
    assert_eq!((stats.recorded, stats.in_memory, stats.evicted), (10, 3, 7));
}

#[test]
fn the_memory_holds_10_000_spans_unless_told_otherwise() {
    let tracer = Tracer::default();
    end_many(&tracer, 10_001);
    let stats = tracer.stats();
    assert_eq!((stats.recorded, stats.in_memory, stats.evicted), (10_001, 10_000, 1));
}

#[test]
fn a_memory_of_zero_evicts_every_span() {
    let tracer = Tracer::builder().memory(0).build();
    end_many(&tracer, 2);
    let stats = tracer.stats();
    assert_eq!((stats.recorded, stats.in_memory, stats.evicted), (2, 0, 2));
}

#[test]
fn without_a_memory_spans_are_counted_and_not_kept() {
    let tracer = Tracer::builder().no_memory().build();
    end_many(&tracer, 2);
    let stats = tracer.stats();
    assert!(tracer.spans().is_empty());
    assert_eq!((stats.recorded, stats.in_memory, stats.evicted), (2, 0, 0));
}

#[test]
fn clearing_forgets_the_spans_and_counts_them() {
    let tracer = Tracer::builder().memory(3).build();
    end_many(&tracer, 5);
    tracer.clear();
    end_many(&tracer, 1);
    let stats = tracer.stats();
    assert_eq!(tracer.spans().tree(), "0");
    assert_eq!((stats.recorded, stats.in_memory, stats.evicted, stats.cleared), (6, 1, 2, 3));
}

#[test]
fn running_spans_are_not_in_memory() {
    let tracer = Tracer::default();
    let _running = tracer.start("running");
    assert!(tracer.spans().is_empty());
}

#[test]
fn the_spans_of_one_trace_can_be_asked_for() {
    let tracer = Tracer::default();
    end_many(&tracer, 2);
    let trace_id = tracer.in_span("wanted", |span| {
        tracer.start("child").end();
        span.trace_id()
    });
    assert_eq!(tracer.spans_of(trace_id).tree(), "wanted > child");
}

#[test]
fn spans_taken_out_do_not_change_any_more() {
    let tracer = Tracer::default();
    end_many(&tracer, 1);
    let spans = tracer.spans();
    end_many(&tracer, 1);
    tracer.clear();
    assert_eq!(spans.len(), 1);
}

#[test]
fn finished_spans_come_in_the_order_they_ended() {
    let tracer = Tracer::default();
    let (first, second) = (tracer.start("started first"), tracer.start("started second"));
    second.end();
    first.end();
    let names: Vec<_> = tracer.spans().iter().map(|span| span.name().to_owned()).collect();
    assert_eq!(names, ["started second", "started first"]);
}

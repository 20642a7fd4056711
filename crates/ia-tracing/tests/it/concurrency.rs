use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use ia_tracing::{Span, SpanContext, SpanData, Spans, Tracer, Waterfall};

const THREADS: usize = 8;

#[test]
fn everything_but_the_guard_can_be_shared_between_threads() {
    const fn shared<T: Send + Sync + 'static>() {}
    shared::<Tracer>();
    shared::<Span>();
    shared::<SpanContext>();
    shared::<SpanData>();
    shared::<Spans>();
    shared::<Waterfall>();
}

#[test]
fn spans_ended_by_many_threads_are_counted_exactly() {
    const EACH: usize = 5_000;
    let tracer = Tracer::builder().memory(1_000).build();
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                together.wait();
                for _ in 0..EACH {
                    tracer.start("work").end();
                }
            });
        }
    });
    let stats = tracer.stats();
    assert_eq!(stats.recorded, (THREADS * EACH) as u64);
    assert_eq!((stats.in_memory, stats.evicted), (1_000, stats.recorded - 1_000));
    let ids: HashSet<_> = tracer.spans().iter().map(SpanData::context).collect();
    assert_eq!(ids.len(), 1_000);
}

#[test]
fn a_span_ended_by_many_threads_at_once_is_recorded_once() {
    let tracer = Tracer::default();
    for _ in 0..200 {
        let span = tracer.start("work");
        let together = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    together.wait();
                    span.end();
                });
            }
        });
    }
    assert_eq!(tracer.stats().recorded, 200);
}

#[test]
fn the_counts_add_up_at_every_moment() {
    let tracer = Tracer::builder().memory(10).build();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for index in 0..5_000 {
                tracer.start("work").end();
                if index % 100 == 0 {
                    tracer.clear();
                }
            }
        });
        while !writer.is_finished() {
            let stats = tracer.stats();
            assert_eq!(stats.recorded, stats.in_memory + stats.evicted + stats.cleared);
        }
    });
    assert_eq!(tracer.stats().recorded, 5_000);
}

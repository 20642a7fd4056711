use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use ia_tracing::{SpanContext, SpanId, TraceFlags, TraceId, Tracer};

#[test]
fn nothing_is_current_outside_a_span() {
    assert_eq!(SpanContext::current(), None);
}

#[test]
fn entering_makes_a_span_current_until_the_guard_drops() {
    let tracer = Tracer::default();
    let (outer, inner) = (tracer.start("outer"), tracer.start("inner"));
    let in_outer = outer.enter();
    {
        let _in_inner = inner.enter();
        assert_eq!(SpanContext::current(), Some(inner.context()));
    }
    assert_eq!(SpanContext::current(), Some(outer.context()));
    drop(in_outer);
    assert_eq!(SpanContext::current(), None);
}

#[test]
fn a_panic_restores_what_was_current() {
    let tracer = Tracer::default();
    let outer = tracer.start("outer");
    let _entered = outer.enter();
    catch_unwind(AssertUnwindSafe(|| tracer.in_span("inner", |_| panic!("expected")))).unwrap_err();
    assert_eq!(SpanContext::current(), Some(outer.context()));
}

#[test]
fn each_thread_has_its_own_current_span() {
    let tracer = Tracer::default();
    tracer.in_span("here", |_| {
        assert_eq!(thread::spawn(SpanContext::current).join().unwrap(), None);
    });
}

#[test]
fn a_context_from_elsewhere_can_be_entered() {
    let remote = SpanContext::new(TraceId::random(), SpanId::random(), TraceFlags::SAMPLED);
    let tracer = Tracer::default();
    let entered = remote.enter();
    let span = tracer.start("work");
    drop(entered);
    assert_eq!(span.trace_id(), remote.trace_id);
    assert_eq!(span.parent_id(), Some(remote.span_id));
    assert_eq!(SpanContext::current(), None);
}

#[test]
fn a_child_keeps_the_unknown_flags_of_its_parent() {
    let flags = TraceFlags::from_u8(0b10);
    let remote = SpanContext::new(TraceId::random(), SpanId::random(), flags);
    let span = Tracer::default().span("work").parent(remote).start();
    assert_eq!(span.context().flags, flags.sampled());
}

#[test]
fn guards_may_be_dropped_in_any_order_and_leave_nothing_behind() {
    let tracer = Tracer::default();
    let (a, b, c) = (tracer.start("a"), tracer.start("b"), tracer.start("c"));
    let (in_a, in_b, in_c) = (a.enter(), b.enter(), c.enter());
    drop(in_a);
    assert_eq!(SpanContext::current(), Some(c.context()));
    drop(in_c);
    assert_eq!(SpanContext::current(), Some(b.context()));
    drop(in_b);
    assert_eq!(SpanContext::current(), None);
}

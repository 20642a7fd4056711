use std::panic::{AssertUnwindSafe, catch_unwind};

use ia_tracing::{Status, Tracer};

/// The status of a span on which these were set in turn.
fn after(statuses: impl IntoIterator<Item = Status>) -> Status {
    let tracer = Tracer::default();
    let span = tracer.start("work");
    for status in statuses {
        span.set_status(status);
    }
    span.end();
    tracer.spans()[0].status().clone()
}

#[test]
fn a_span_begins_unset() {
    assert_eq!(after([]), Status::Unset);
}

#[test]
fn ok_is_final() {
    assert_eq!(after([Status::Ok, Status::error("late"), Status::Unset]), Status::Ok);
}

#[test]
fn ok_overrides_an_error() {
    assert_eq!(after([Status::error("at first"), Status::Ok]), Status::Ok);
}

#[test]
fn an_error_overrides_unset() {
    assert_eq!(after([Status::Unset, Status::error("broken")]), Status::error("broken"));
}

#[test]
fn unset_changes_nothing() {
    assert_eq!(after([Status::error("broken"), Status::Unset]), Status::error("broken"));
}

#[test]
fn the_last_error_wins() {
    assert_eq!(after([Status::error("first"), Status::error("last")]), Status::error("last"));
}

#[test]
fn a_status_prints_as_the_original_did() {
    let texts = [Status::Unset, Status::Ok, Status::error("disk full"), Status::error("")]
        .map(|status| status.to_string());
    assert_eq!(texts, ["unset", "ok", "error: disk full", "error"]);
}

#[test]
fn a_panic_in_a_span_makes_it_an_error() {
    let tracer = Tracer::default();
    catch_unwind(AssertUnwindSafe(|| tracer.in_span("work", |_| panic!("expected")))).unwrap_err();
    assert_eq!(*tracer.spans()[0].status(), Status::error("panic"));
}

#[test]
fn work_that_returns_leaves_the_status_alone() {
    let tracer = Tracer::default();
    assert_eq!(tracer.in_span("work", |_| 42), 42);
    assert_eq!(*tracer.spans()[0].status(), Status::Unset);
}

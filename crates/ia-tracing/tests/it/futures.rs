use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures_util::future::join;
use ia_tracing::{Instrument, SpanContext, Tracer};
use tokio::task::yield_now;

use crate::support::named;

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Is pending once, so that whoever drives it gets the thread back.
async fn pause() {
    let mut paused = false;
    poll_fn(|_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

#[tokio::test]
async fn the_parent_is_right_after_an_await() {
    let tracer = Tracer::default();
    async {
        tracer.start("before").end();
        yield_now().await;
        tracer.start("after").end();
    }
    .instrument(tracer.start("parent"))
    .await;
    assert_eq!(tracer.spans().tree(), "parent > before, after");
}

#[tokio::test]
async fn the_parents_of_joined_futures_are_right() {
    let tracer = Tracer::default();
    let branch = |name: &'static str, child: &'static str| {
        let tracer = &tracer;
        async move {
            yield_now().await;
            let inner = async {
                yield_now().await;
                tracer.start(child).end();
            };
            inner.instrument(tracer.start(name)).await;
        }
    };
    let both = async { join(branch("left", "l"), branch("right", "r")).await };
    both.instrument(tracer.start("fork")).await;
    assert_eq!(tracer.spans().tree(), "fork > left (l), right (r)");
}

#[test]
fn interleaved_polls_on_one_thread_do_not_mix() {
    let tracer = Tracer::default();
    let work = |child: &'static str| {
        let tracer = &tracer;
        async move {
            let span = tracer.start(child);
            pause().await;
            tracer.span("leaf").parent(&span).start().end();
            tracer.start("second").end();
        }
    };
    let mut a = pin!(work("in a").instrument(tracer.start("a")));
    let mut b = pin!(work("in b").instrument(tracer.start("b")));
    assert!(poll_once(a.as_mut()).is_pending());
    assert_eq!(SpanContext::current(), None);
    assert!(poll_once(b.as_mut()).is_pending());
    assert!(poll_once(a.as_mut()).is_ready());
    assert!(poll_once(b.as_mut()).is_ready());
    assert_eq!(tracer.spans().tree(), "a > in a (leaf), second; b > in b (leaf), second");
}

#[test]
fn the_span_ends_when_the_future_completes_and_not_before() {
    let tracer = Tracer::default();
    let mut work = pin!(pause().instrument(tracer.start("work")));
    assert!(poll_once(work.as_mut()).is_pending());
    assert_eq!(tracer.stats().recorded, 0);
    assert!(poll_once(work.as_mut()).is_ready());
    assert_eq!(tracer.stats().recorded, 1);
}

#[test]
fn a_future_dropped_before_it_completes_ends_its_span_with_the_status_it_had() {
    let tracer = Tracer::default();
    drop(pause().instrument(tracer.start("never polled")));
    let mut work = Box::pin(pending::<()>().instrument(tracer.start("pending")));
    assert!(poll_once(work.as_mut()).is_pending());
    drop(work);
    let statuses: Vec<_> = tracer
        .spans()
        .iter()
        .map(|span| (span.name().to_owned(), span.status().to_string()))
        .collect();
    assert_eq!(
        statuses,
        [
            ("never polled".to_owned(), "unset".to_owned()),
            ("pending".to_owned(), "unset".to_owned()),
        ]
    );
}

#[test]
fn a_panic_in_a_poll_restores_the_context_and_marks_the_span() {
    let tracer = Tracer::default();
    let outer = tracer.start("outer");
    let _entered = outer.enter();
    let mut work = Box::pin(
        async {
            pause().await;
            panic!("expected");
        }
        .instrument(tracer.start("work")),
    );
    assert!(poll_once(work.as_mut()).is_pending());
    catch_unwind(AssertUnwindSafe(|| poll_once(work.as_mut()))).unwrap_err();
    assert_eq!(SpanContext::current(), Some(outer.context()));
    drop(work);
    assert_eq!(named(&tracer.spans(), "work").status().to_string(), "error: panic");
}

/// Starts a span in its drop.
struct Farewell<'a>(&'a Tracer);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        self.0.start("farewell").end();
    }
}

#[test]
fn a_cancelled_future_is_dropped_inside_its_span() {
    let tracer = Tracer::default();
    let farewell = Farewell(&tracer);
    let mut work = Box::pin(
        async move {
            let _farewell = farewell;
            pending::<()>().await;
        }
        .instrument(tracer.start("work")),
    );
    assert!(poll_once(work.as_mut()).is_pending());
    drop(work);
    let spans = tracer.spans();
    assert_eq!(spans.tree(), "work > farewell");
    assert_eq!(spans[0].name(), "farewell", "the work ends after what it drops");
    assert_eq!(SpanContext::current(), None);
}

#[test]
fn a_future_that_was_never_polled_is_dropped_inside_its_span() {
    let tracer = Tracer::default();
    let farewell = Farewell(&tracer);
    drop(async move { drop(farewell) }.instrument(tracer.start("work")));
    assert_eq!(tracer.spans().tree(), "work > farewell");
}

#[test]
fn a_span_entered_inside_a_poll_and_forgotten_does_not_leak_out() {
    let tracer = Tracer::default();
    let leaked = tracer.start("leaked");
    let mut work =
        pin!(async { std::mem::forget(leaked.enter()) }.instrument(tracer.start("work")));
    assert!(poll_once(work.as_mut()).is_ready());
    assert_eq!(SpanContext::current(), None);
}

#[test]
fn a_future_under_a_given_context_does_not_own_the_span() {
    let tracer = Tracer::default();
    let span = tracer.start("parent");
    let child = async { tracer.start("child").end() }.with_context(span.context());
    assert!(poll_once(pin!(child)).is_ready());
    assert!(span.is_recording());
    span.end();
    assert_eq!(tracer.spans().tree(), "parent > child");
}

#[test]
fn a_future_with_no_context_runs_outside_any_span() {
    let tracer = Tracer::default();
    tracer.in_span("here", |_| {
        let work = async { SpanContext::current() }.with_context(None);
        assert_eq!(poll_once(pin!(work)), Poll::Ready(None));
    });
}

#[test]
fn a_future_in_the_current_context_keeps_it_wherever_it_is_polled() {
    let tracer = Tracer::default();
    let work =
        tracer.in_span("there", |_| async { tracer.start("child").end() }.in_current_context());
    tracer.in_span("here", |_| assert!(poll_once(pin!(work)).is_ready()));
    assert_eq!(tracer.spans().tree(), "there > child; here");
}

use std::sync::Arc;

use ia_tracing::{Instrument, SpanContext, Tracer, spawn};
use tokio::sync::Barrier;
use tokio::task::{spawn_blocking, yield_now};

const RUNS: usize = 200;

async fn step(tracer: Tracer, name: String, together: Arc<Barrier>) {
    let span = tracer.start(name);
    let inner = tracer.clone();
    let work = async move {
        together.wait().await;
        for _ in 0..3 {
            yield_now().await;
        }
        inner.start("leaf").end();
    };
    work.instrument(span).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_concurrent_traces_over_spawned_tasks_do_not_mix() {
    let tracer = Tracer::default();
    // All steps of all runs are in flight at once.
    let together = Arc::new(Barrier::new(2 * RUNS));
    let runs: Vec<_> = (0..RUNS)
        .map(|run| {
            let (inner, together) = (tracer.clone(), Arc::clone(&together));
            let work = async move {
                let steps = ["a", "b"].map(|step_name| {
                    spawn(step(
                        inner.clone(),
                        format!("{step_name} of {run}"),
                        Arc::clone(&together),
                    ))
                });
                for step in steps {
                    step.await.unwrap();
                }
            };
            tokio::spawn(work.instrument(tracer.start(format!("run {run}"))))
        })
        .collect();
    for run in runs {
        run.await.unwrap();
    }

    let spans = tracer.spans();
    assert_eq!(spans.len(), 5 * RUNS);
    for root in spans.iter().filter(|span| span.parent_id().is_none()) {
        let run = root.name().trim_start_matches("run ");
        let tree = tracer.spans_of(root.trace_id()).tree();
        let (a, b) = (format!("a of {run} (leaf)"), format!("b of {run} (leaf)"));
        // Tasks start in any order.
        let expected = [format!("run {run} > {a}, {b}"), format!("run {run} > {b}, {a}")];
        assert!(expected.contains(&tree), "{tree}");
    }
}

#[tokio::test]
async fn a_plain_tokio_task_begins_a_new_trace() {
    let tracer = Tracer::default();
    let span = tracer.start("here");
    let task = {
        let _entered = span.enter();
        tokio::spawn(async { SpanContext::current() })
    };
    assert_eq!(task.await.unwrap(), None);
}

#[tokio::test]
async fn an_aborted_task_ends_its_span() {
    let tracer = Tracer::default();
    let task = spawn(std::future::pending::<()>().instrument(tracer.start("work")));
    yield_now().await;
    assert_eq!(tracer.stats().recorded, 0);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(tracer.spans().tree(), "work");
}

#[tokio::test]
async fn blocking_work_continues_the_trace() {
    let tracer = Tracer::default();
    let inner = tracer.clone();
    let work = async {
        let blocking = ia_tracing::with_current_context(move || inner.start("blocking").end());
        spawn_blocking(blocking).await.unwrap();
    };
    work.instrument(tracer.start("parent")).await;
    assert_eq!(tracer.spans().tree(), "parent > blocking");
}

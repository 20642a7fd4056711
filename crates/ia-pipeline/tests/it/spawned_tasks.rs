//! What a step spawned is gone when its run has ended.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use ia_pipeline::{Flow, Pipeline, PipelineBuilder, Policy, RunErrorKind, StepContext, Typed};
use tokio::sync::Notify;

use crate::probe::{Probe, fail, same};

/// Says when it is gone.
struct Flag(Arc<AtomicBool>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

type Built = PipelineBuilder<Typed<u32, u32, u32>>;

/// A pipeline whose step `s` spawns a task that waits for ever, and then waits itself.
fn spawning(probe: &Probe, gone: &Arc<AtomicBool>) -> Built {
    let gone = Arc::clone(gone);
    let step = move |ctx: StepContext, n: u32| {
        let flag = Flag(Arc::clone(&gone));
        async move {
            let task = ctx.spawn(async move {
                let _flag = flag;
                std::future::pending::<()>().await;
            });
            task.await.ok();
            Ok::<_, io::Error>(n)
        }
    };
    Pipeline::builder("p").step("a", same).step("s", step).telemetry(probe.instruments())
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_ends_when_its_tasks_are_gone() {
    let (probe, gone) = (Probe::new(), Arc::default());
    let pipeline = spawning(&probe, &gone).build().unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    tokio::task::yield_now().await;
    running.canceller().cancel();
    // Aborted, but on this thread the task has had no turn to go.
    assert!(futures_util::poll!(&mut running).is_pending());
    assert_eq!((gone.load(Ordering::SeqCst), probe.active()), (false, 1.0));
    let error = running.await.unwrap_err();
    assert!(gone.load(Ordering::SeqCst));
    assert_eq!((error.kind(), probe.runs("cancelled")), (RunErrorKind::Cancelled, 1.0));
    probe.assert_settled();
}

#[tokio::test(start_paused = true)]
async fn so_does_one_that_fails_or_comes_to_its_deadline() {
    type Change = fn(Built) -> Pipeline<u32, u32>;
    let ways: [(&str, Change); 3] = [
        ("deadline", |b| b.deadline(Duration::from_secs(1)).build().unwrap()),
        ("timeout", |b| b.policy(Policy::new().timeout(Duration::from_secs(1))).build().unwrap()),
        ("failure beside it", |b| {
            let flow = Flow::start("a").fan_out("a", ["s", "f"]);
            b.step("f", fail).flow(flow).build().unwrap()
        }),
    ];
    for (what, change) in ways {
        let (probe, gone) = (Probe::new(), Arc::default());
        let pipeline = change(spawning(&probe, &gone));
        assert!(pipeline.run(1).await.is_err(), "{what}");
        assert!(gone.load(Ordering::SeqCst), "{what}");
        assert_eq!(probe.runs("error"), 1.0, "{what}");
        probe.assert_settled();
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_dropped_as_it_waits_for_its_tasks_counts_once() {
    let (probe, gone) = (Probe::new(), Arc::default());
    let pipeline = spawning(&probe, &gone).build().unwrap();
    let mut running = Box::pin(pipeline.run(1));
    assert!(futures_util::poll!(&mut running).is_pending());
    running.canceller().cancel();
    assert!(futures_util::poll!(&mut running).is_pending());
    drop(running);
    assert_eq!((probe.runs("cancelled"), probe.all_runs()), (1.0, 1.0));
    probe.assert_settled();
}

/// A pipeline whose step spawns a task that holds its thread until it is let go; what lets it go, and whether it is gone.
fn stubborn(
    grace: Duration,
) -> (Pipeline<u32, u32>, mpsc::Sender<()>, Arc<Notify>, Arc<AtomicBool>) {
    let (let_go, held) = mpsc::channel::<()>();
    let (began, gone) = (Arc::new(Notify::new()), Arc::default());
    let (held, begins, going) = (Mutex::new(Some(held)), Arc::clone(&began), Arc::clone(&gone));
    let step = move |ctx: StepContext, n: u32| {
        let (held, flag) = (held.lock().unwrap().take().unwrap(), Flag(Arc::clone(&going)));
        let begins = Arc::clone(&begins);
        async move {
            let task = ctx.spawn(async move {
                let _flag = flag;
                begins.notify_one();
                held.recv().ok();
            });
            task.await.ok();
            Ok::<_, io::Error>(n)
        }
    };
    let steps = Pipeline::builder("p").step("s", step).task_grace(grace).enable_telemetry(false);
    (steps.build().unwrap(), let_go, began, gone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_run_waits_for_a_task_that_is_in_the_middle_of_something() {
    let (pipeline, let_go, began, gone) = stubborn(Duration::from_hours(1));
    let running = pipeline.run(1);
    let canceller = running.canceller();
    let mut running = Box::pin(running);
    tokio::select! {
        _ = &mut running => panic!("it ended"),
        () = began.notified() => canceller.cancel(),
    }
    assert!(futures_util::poll!(&mut running).is_pending());
    assert!(!gone.load(Ordering::SeqCst));
    let_go.send(()).unwrap();
    assert_eq!(running.await.unwrap_err().kind(), RunErrorKind::Cancelled);
    assert!(gone.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_run_waits_no_longer_than_its_grace() {
    for grace in [Duration::ZERO, Duration::from_millis(20)] {
        let (pipeline, let_go, began, gone) = stubborn(grace);
        let running = pipeline.run(1);
        let canceller = running.canceller();
        let running = tokio::spawn(running);
        began.notified().await;
        canceller.cancel();
        assert_eq!(running.await.unwrap().unwrap_err().kind(), RunErrorKind::Cancelled);
        assert!(!gone.load(Ordering::SeqCst), "{grace:?}");
        let_go.send(()).unwrap();
    }
}

#[test]
fn without_a_timer_nobody_waits() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (probe, gone) = (Probe::new(), Arc::default());
    let pipeline = spawning(&probe, &gone).build().unwrap();
    runtime.block_on(async {
        let mut running = Box::pin(pipeline.run(1));
        assert!(futures_util::poll!(&mut running).is_pending());
        running.canceller().cancel();
        assert_eq!(running.await.unwrap_err().kind(), RunErrorKind::Cancelled);
    });
    probe.assert_settled();
}

//! Numbers, names and moments that nobody would choose.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use ia_pipeline::{
    Backoff, Canceller, Data, Flow, Inputs, Pipeline, PipelineBuilder, Policy, Run, RunError,
    RunErrorKind, Running, Services, StepContext, usd,
};

use crate::probe::{Probe, double, fail, never, same};

/// Polls a run so many times; its result, where it has one by then.
fn poll<O>(running: &mut Running<O>, times: u32) -> Option<Result<Run<O>, RunError>> {
    let mut cx = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match Pin::new(&mut *running).poll(&mut cx) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    })
}

/// Panics when it is dropped, unless something else panics already.
struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new("on purpose"));
        }
    }
}

fn built<I: Data, O: Data>(
    pipeline: Result<Pipeline<I, O>, ia_pipeline::BuildErrors>,
) -> Pipeline<I, O> {
    pipeline.unwrap()
}

#[tokio::test]
async fn a_chain_of_thousands_of_steps_is_built_run_and_dropped() {
    const STEPS: u32 = 2_000;
    async fn up(_: StepContext, n: u32) -> Result<u32, io::Error> {
        Ok(n + 1)
    }
    let first = Pipeline::builder("p").step("s0", up).enable_telemetry(false);
    let steps = (1..STEPS).fold(first, |builder, n| builder.step(format!("s{n}"), up));
    let run = built(steps.build()).run(0).await.unwrap();
    assert_eq!((run.output, run.steps.len()), (STEPS, STEPS as usize));
}

#[tokio::test]
async fn hundreds_of_branches_meet_in_one_step() {
    const BRANCHES: u32 = 500;
    async fn sum(_: StepContext, inputs: Inputs) -> Result<u32, io::Error> {
        Ok(inputs.names().filter_map(|name| inputs.get::<u32>(name)).sum())
    }
    let names: Vec<String> = (0..BRANCHES).map(|n| format!("b{n}")).collect();
    let first = Pipeline::builder("p").step("a", same).enable_telemetry(false);
    let steps = names.iter().fold(first, |builder, name| builder.step(name, same));
    let flow = Flow::start("a").fan_out("a", &names).join(&names, "sum");
    let pipeline = built(steps.join("sum", sum).flow(flow).build());
    assert_eq!(pipeline.run(3).await.unwrap().output, 3 * BRANCHES);
}

#[test]
fn a_name_may_be_long_and_hold_any_character() {
    let (probe, long) = (Probe::new(), "x".repeat(1 << 20));
    let steps = Pipeline::builder("p").step("a\0b\nc\u{202e}", same).step(&long, same);
    let pipeline = built(steps.telemetry(probe.instruments()).build());
    let run = pipeline.run(1).now_or_never().unwrap().unwrap();
    assert_eq!((&*run.steps[0].name, &run.steps[1].name), ("a\0b\nc\u{202e}", &long));
    // The registry cuts the label.
    let snapshot = probe.registry.snapshot();
    assert_eq!(snapshot.sum("step_executions_total", [("status", "success")]), 2.0);
}

#[tokio::test(start_paused = true)]
async fn limits_that_are_endless_never_come() {
    let policy = Policy::retry(u32::MAX)
        .backoff(Backoff::exponential(Duration::MAX, Duration::MAX))
        .timeout(Duration::MAX)
        .total_timeout(Duration::MAX);
    let steps = Pipeline::builder("p").step("s", same).policy(policy.clone());
    let steps = steps.deadline(Duration::MAX).enable_telemetry(false);
    assert_eq!(built(steps.build()).run(1).await.unwrap().output, 1);
    let steps = Pipeline::builder("p").step("s", fail).policy(policy);
    let steps = steps.deadline(Duration::from_hours(1)).enable_telemetry(false);
    let error = built(steps.build()).run(1).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Deadline);
}

#[tokio::test(start_paused = true)]
async fn limits_of_no_time_come_at_once() {
    let steps = |deadline: Option<Duration>, policy: Policy| {
        let steps = Pipeline::builder("p").step("s", never).policy(policy).enable_telemetry(false);
        built(deadline.into_iter().fold(steps, PipelineBuilder::deadline).build())
    };
    let (none, once) = (Duration::ZERO, Policy::new);
    let timeout = steps(None, once().timeout(none)).run(1).await.unwrap_err();
    assert_eq!(timeout.error_type(), "timeout");
    let total = steps(None, once().total_timeout(none)).run(1).await.unwrap_err();
    assert_eq!(total.error_type(), "timeout");
    let deadline = steps(Some(none), once()).run(1).await.unwrap_err();
    assert_eq!(deadline.kind(), RunErrorKind::Deadline);
}

#[test]
fn what_a_step_counts_after_its_run_is_counted_but_not_in_the_run() {
    let probe = Probe::new();
    let (kept, keep) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(None)));
    let (calls, context) = (Arc::clone(&kept), Arc::clone(&keep));
    let step = move |ctx: StepContext, n: u32| {
        calls.lock().unwrap().push(ctx.api_call("openai").model("gpt-4o").start());
        *context.lock().unwrap() = Some(ctx);
        async move { Ok::<_, io::Error>(n) }
    };
    let steps = Pipeline::builder("p").step("s", step).telemetry(probe.instruments());
    let run = built(steps.build()).run(1).now_or_never().unwrap().unwrap();
    assert_eq!((run.items, run.api_calls, run.cost), (0, 0, usd("0")));
    let ctx = keep.lock().unwrap().take().unwrap();
    ctx.items(5);
    ctx.cost(usd("1"));
    ctx.set_attribute("late", true);
    kept.lock().unwrap().clear();
    assert_eq!(probe.value("items_processed_total", &[]), 5.0);
    assert_eq!(probe.value("pipeline_cost_usd_total", &[]), 1.0);
    assert_eq!(probe.value("api_calls_total", &[]), 1.0);
    assert!(probe.span("s").attribute("late").is_none());
    assert!(probe.span("openai gpt-4o").status().is_error());
    assert!(!ctx.is_cancelled());
    probe.assert_settled();
}

#[test]
fn a_run_that_is_cancelled_before_its_first_poll_runs_no_step() {
    let (probe, ran) = (Probe::new(), Arc::new(AtomicU32::new(0)));
    let counter = Arc::clone(&ran);
    let step = move |_: StepContext, n: u32| {
        counter.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, io::Error>(n) }
    };
    let steps = Pipeline::builder("p").step("s", step).max_concurrent_runs(1);
    let running = built(steps.telemetry(probe.instruments()).build()).run(1);
    running.canceller().cancel();
    let error = running.now_or_never().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.steps().len()), (RunErrorKind::Cancelled, 0));
    assert_eq!((probe.runs("cancelled"), ran.load(Ordering::Relaxed)), (1.0, 0));
    probe.assert_settled();
}

#[test]
fn cancelling_a_run_that_has_finished_changes_nothing() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", same).telemetry(probe.instruments());
    let mut running = built(steps.build()).run(1);
    let canceller: Canceller = running.canceller();
    assert!(poll(&mut running, 1).is_some());
    canceller.cancel();
    drop(running);
    assert_eq!((probe.runs("success"), probe.runs("cancelled")), (1.0, 0.0));
    probe.assert_settled();
}

#[test]
fn a_run_may_be_dropped_on_another_thread_in_another_runtime_or_in_none() {
    let probe = Probe::new();
    async fn spawns(ctx: StepContext, n: u32) -> Result<u32, io::Error> {
        let _task = ctx.spawn(std::future::pending::<()>());
        tokio::time::sleep(Duration::from_hours(1)).await;
        Ok(n)
    }
    let policy = Policy::new().timeout(Duration::from_mins(2));
    let steps = Pipeline::builder("p").step("s", spawns).policy(policy);
    let steps = steps.deadline(Duration::from_mins(1)).telemetry(probe.instruments());
    let pipeline = built(steps.build());
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let mut runs: Vec<_> = (0..3).map(|n| pipeline.run(n)).collect();
    first.block_on(async { runs.iter_mut().for_each(|run| assert!(poll(run, 1).is_none())) });
    assert_eq!(probe.active(), 3.0);
    let (here, there) = (runs.pop(), runs.pop());
    std::thread::spawn(move || drop(there)).join().unwrap();
    second.block_on(async move { drop(here) });
    drop(first);
    drop(runs);
    assert_eq!((probe.runs("cancelled"), probe.steps("s", "cancelled")), (3.0, 3.0));
    probe.assert_settled();
}

#[tokio::test(flavor = "current_thread")]
async fn a_run_may_be_spawned_on_a_local_set() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", double).telemetry(probe.instruments());
    let pipeline = built(steps.build());
    let local = tokio::task::LocalSet::new();
    let run = local.run_until(async move { tokio::task::spawn_local(pipeline.run(3)).await });
    assert_eq!(run.await.unwrap().unwrap().output, 6);
    probe.assert_settled();
}

#[tokio::test]
async fn a_pipeline_may_run_itself() {
    let (probe, itself) = (Probe::new(), Arc::new(OnceLock::<Pipeline<u32, u32>>::new()));
    let inner = Arc::clone(&itself);
    let step = move |_: StepContext, n: u32| {
        let run = (n > 0).then(|| inner.get().unwrap().run(n - 1));
        async move {
            match run {
                Some(run) => run.await.map(|run| run.output + 1),
                None => Ok(0),
            }
        }
    };
    let steps = Pipeline::builder("p").step("s", step).telemetry(probe.instruments());
    let pipeline = built(steps.build());
    itself.set(pipeline.clone()).unwrap();
    assert_eq!(pipeline.run(20).await.unwrap().output, 20);
    assert_eq!(probe.runs("success"), 21.0);
    probe.assert_settled();
}

#[test]
fn with_one_permit_the_branches_take_turns() {
    async fn sum(_: StepContext, (a, b, c): (u32, u32, u32)) -> Result<u32, io::Error> {
        Ok(a + b + c)
    }
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("a", same).step("b", double).step("c", double);
    let branches = ["b", "c", "d"];
    let flow = Flow::start("a").fan_out("a", branches).join(branches, "sum");
    let steps = steps.step("d", double).join("sum", sum).flow(flow).max_concurrency(1);
    let mut running = built(steps.telemetry(probe.instruments()).build()).run(1);
    assert_eq!(poll(&mut running, 100).unwrap().unwrap().output, 6);
    probe.assert_settled();
}

#[test]
fn runs_that_wait_may_be_dropped_in_any_order_also_when_their_turn_has_come() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", never).max_concurrent_runs(1);
    let pipeline = built(steps.telemetry(probe.instruments()).build());
    let depth = || probe.value("pipeline_queue_depth", &[]);
    let mut runs: Vec<_> = (0..10).map(|n| pipeline.run(n)).collect();
    runs.iter_mut().for_each(|run| assert!(poll(run, 1).is_none()));
    assert_eq!((probe.active(), depth()), (1.0, 9.0));
    drop(runs.remove(5));
    drop(runs.remove(1));
    // The one under way, and then the next in line, which does not yet know that it is.
    drop(runs.remove(0));
    drop(runs.remove(0));
    runs.iter_mut().for_each(|run| assert!(poll(run, 1).is_none()));
    assert_eq!((probe.active(), depth()), (1.0, 5.0));
    drop(runs);
    assert_eq!(probe.runs("cancelled"), 10.0);
    probe.assert_settled();
}

#[test]
fn a_step_that_panics_as_it_is_dropped_leaves_its_run_counted() {
    async fn holds(_: StepContext, n: u32) -> Result<u32, io::Error> {
        let _held = PanicsOnDrop;
        std::future::pending::<()>().await;
        Ok(n)
    }
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", holds).telemetry(probe.instruments());
    let mut running = built(steps.build()).run(1);
    assert!(poll(&mut running, 1).is_none());
    drop(running);
    assert_eq!((probe.runs("cancelled"), probe.steps("s", "cancelled")), (1.0, 1.0));
    probe.assert_settled();
}

#[test]
fn a_value_that_panics_as_it_is_dropped_is_a_panic_of_the_step_that_drops_it() {
    let probe = Probe::new();
    async fn gives(_: StepContext, _: u32) -> Result<Arc<PanicsOnDrop>, io::Error> {
        Ok(Arc::new(PanicsOnDrop))
    }
    async fn takes(_: StepContext, _: Arc<PanicsOnDrop>) -> Result<u32, io::Error> {
        Ok(1)
    }
    let steps = Pipeline::builder("p").step("a", gives).step("b", takes);
    let pipeline = built(steps.telemetry(probe.instruments()).build());
    let error = pipeline.run(1).now_or_never().unwrap().unwrap_err();
    assert_eq!((error.step(), error.error_type()), (Some("b"), "panic"));
    probe.assert_settled();
}

#[test]
fn a_service_that_panics_as_it_is_dropped_leaves_its_last_run_counted() {
    let probe = Probe::new();
    let steps = Pipeline::builder("p").step("s", same);
    let steps = steps.services(Services::new().insert(PanicsOnDrop));
    let running = built(steps.telemetry(probe.instruments()).build()).run(1);
    // The run holds the pipeline, and so the services, alone.
    catch_unwind(AssertUnwindSafe(|| running.now_or_never().is_some())).unwrap_err();
    assert_eq!((probe.runs("success"), probe.all_runs()), (1.0, 1.0));
    probe.assert_settled();
}

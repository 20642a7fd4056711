//! What panics outside the polls of a step stays inside its run, and is counted.

use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use ia_pipeline::{Flow, Pipeline, PipelineBuilder, Policy, StepContext};

use crate::probe::{Probe, fail, never, poll_once, same};

struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new("dropped"))
        }
    }
}

async fn bomb(_: StepContext, n: u32) -> Result<u32, io::Error> {
    let _bomb = Bomb;
    std::future::pending::<()>().await;
    Ok(n)
}

#[test]
fn a_step_that_panics_as_it_is_dropped_does_not_leak_its_siblings() {
    let probe = Probe::new();
    let p = Pipeline::builder("p")
        .step("a", same)
        .step("b", bomb)
        .step("x", never)
        .step("y", never)
        .flow(Flow::start("a").fan_out("a", ["b", "x", "y"]))
        .max_concurrency(3)
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let mut r = p.run(1);
    assert!(!poll_once(&mut r));
    drop(r);
    let counts = ["b", "x", "y"].map(|s| probe.steps(s, "cancelled"));
    let mut again = p.run(1);
    assert!(!poll_once(&mut again));
    let queue = probe.value("pipeline_queue_depth", &[]);
    assert_eq!((counts, queue), ([1.0; 3], 0.0), "cancelled; steps that wait in the next run");
}

fn stays_inside(pipeline: impl FnOnce(PipelineBuilder) -> Pipeline<u32, u32>) {
    let probe = Probe::new();
    let p = pipeline(Pipeline::builder("p").telemetry(probe.instruments()));
    let r = catch_unwind(AssertUnwindSafe(|| p.run(1).now_or_never().unwrap().is_err()));
    let (error, cancelled) = (probe.runs("error"), probe.runs("cancelled"));
    assert!(
        r.is_ok() && error == 1.0,
        "escaped: {}, error {error}, cancelled {cancelled}",
        r.is_err()
    );
}

macro_rules! error {
    ($name:ident, $display:expr, $debug:expr) => {
        struct $name;
        impl fmt::Display for $name {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                $display
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                $debug
            }
        }
        impl Error for $name {}
    };
}

error!(DisplayPanics, resume_unwind(Box::new("x")), Ok(()));
error!(DisplayErrs, Err(fmt::Error), Ok(()));
error!(DebugPanics, Ok(()), resume_unwind(Box::new("x")));

#[test]
fn an_error_whose_message_panics_stays_inside_the_run() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, _: u32| async { Err::<u32, _>(DisplayPanics) })
            .build()
            .unwrap()
    });
}

#[test]
fn an_error_without_a_message_stays_inside_the_run() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, _: u32| async { Err::<u32, _>(DisplayErrs) }).build().unwrap()
    });
}

#[test]
fn an_error_whose_debug_text_panics_stays_inside_the_run() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, _: u32| async { Err::<u32, _>(DebugPanics) }).build().unwrap()
    });
}

#[test]
fn a_function_that_names_errors_and_panics_stays_inside_the_run() {
    stays_inside(|b| {
        b.step("s", fail).error_type(|_: &io::Error| resume_unwind(Box::new("x"))).build().unwrap()
    });
}

#[test]
fn what_a_panic_carries_may_panic_too() {
    stays_inside(|b| {
        b.step("s", |_: StepContext, n: u32| async move {
            if n > 0 {
                resume_unwind(Box::new(Bomb))
            }
            Ok::<u32, io::Error>(n)
        })
        .build()
        .unwrap()
    });
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_as_its_timeout_drops_it_has_timed_out() {
    let probe = Probe::new();
    let p = Pipeline::builder("p")
        .step("s", bomb)
        .policy(Policy::new().timeout(Duration::from_secs(1)))
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let r = tokio::spawn(p.run(1)).await;
    assert!(
        r.is_ok() && probe.runs("error") == 1.0,
        "escaped: {}, cancelled {}",
        r.is_err(),
        probe.runs("cancelled")
    );
}

#[test]
fn an_output_whose_clone_panics_stays_inside_the_run() {
    struct C;
    impl Clone for C {
        fn clone(&self) -> Self {
            resume_unwind(Box::new("x"))
        }
    }
    let (probe, kept) = (Probe::new(), Arc::new(Mutex::new(None)));
    let p = Pipeline::builder("p")
        .step("a", |_: StepContext, _: u32| async { Ok::<_, io::Error>(C) })
        .step("b", move |_: StepContext, c: Arc<C>| {
            *kept.lock().unwrap() = Some(c);
            async { Ok::<_, io::Error>(1_u32) }
        })
        .flow(Flow::start("a").edge("a", "b").edge("a", Flow::END))
        .output::<C>()
        .telemetry(probe.instruments())
        .build()
        .unwrap();
    let r = catch_unwind(AssertUnwindSafe(|| p.run(1).now_or_never().unwrap().is_ok()));
    assert!(r.is_ok(), "escaped; cancelled {}", probe.runs("cancelled"));
}

//! CPU time against what `getrusage` tells of a process that does nothing else.

use std::future::Future;
use std::process::{Child, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ia_metrics_core::Registry;
use ia_pipeline::{CpuAccounting, Pipeline, StepContext};
use tokio::runtime;
use tokio::task::yield_now;

use super::child;
use super::work::{Burner, process_cpu};

/// As close as a pipeline's CPU time is to that of its process.
const TOLERANCE: f64 = 0.05;

/// One at a time: they need the processors.
static ALONE: Mutex<()> = Mutex::new(());

macro_rules! scenarios {
    ($($name:ident: $work:literal, $accounting:literal, $load:literal;)*) => {
        $(
            #[test]
            #[ignore = "takes the processors for itself: `cargo xtask test` gives it a step of its own"]
            fn $name() {
                check($work, $accounting, $load);
            }
        )*
    };
}

scenarios! {
    polls_of_unequal_length_sampled: "unequal", "sampled", 0;
    polls_of_unequal_length_each: "unequal", "every", 0;
    steps_of_unequal_length_sampled: "steps", "sampled", 0;
    steps_of_unequal_length_each: "steps", "every", 0;
    many_short_polls_sampled: "short", "sampled", 0;
    many_short_polls_each: "short", "every", 0;
    polls_that_sleep_sampled: "sleeping", "sampled", 0;
    work_on_several_threads_sampled: "spawned", "sampled", 0;
    work_on_several_threads_each: "spawned", "every", 0;
    work_on_a_blocking_thread: "blocking", "sampled", 0;
    polls_of_unequal_length_on_a_busy_machine_sampled: "unequal", "sampled", 3;
    polls_of_unequal_length_on_a_busy_machine_each: "unequal", "every", 3;
    many_short_polls_on_a_busy_machine: "short", "sampled", 3;
    work_on_several_threads_of_a_busy_machine: "spawned", "sampled", 3;
}

/// How often a scenario may be measured: others may have taken the processors.
const TRIES: usize = 3;

fn check(work: &str, accounting: &str, load: usize) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let _load: Vec<Load> = (0..load).map(|_| Load::start()).collect();
    let errors: Vec<f64> = (0..TRIES)
        .map(|_| measured(work, accounting, load).abs())
        .take_while(|error| *error > TOLERANCE)
        .collect();
    assert!(errors.len() < TRIES, "never within {TOLERANCE}: {errors:?}");
}

/// By what part the pipeline's CPU time is off.
fn measured(work: &str, accounting: &str, load: usize) -> f64 {
    let answer = child::run::<f64>(child::command(&format!("cpu {work} {accounting}")));
    let [attributed, process, coverage, ratio] = answer[..] else { panic!("{answer:?}") };
    let error = attributed / process - 1.0;
    println!(
        "{work}, {accounting}, load {load}: {attributed:.3} s of {process:.3} s, {:+.2} %, coverage {coverage:.3}, \
         telemetry_cpu_attribution_ratio {ratio:.3}",
        100.0 * error
    );
    assert!(process >= 0.5, "too little work: {process} s");
    // Of that of the whole process, baseline and all.
    assert!(ratio > 0.7 && ratio <= 1.02, "{ratio}");
    if accounting == "every" {
        assert!(coverage >= 1.0, "{coverage}");
    }
    error
}

/// A process that keeps a processor busy.
struct Load(Child);

impl Load {
    fn start() -> Self {
        let mut command = child::command("load");
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What the child does, twice: first with polls that do nothing. That is its baseline, both of what the process takes and of
/// what the pipeline is charged with: the runtime and the engine, which no pipeline is charged with, take their time in a
/// debug build, and none of it is what is compared. Nor is the child's start, as only what happens between two readings counts.
pub(crate) fn scenario(scenario: &str) {
    let (work, accounting) = scenario.split_once(' ').unwrap();
    let accounting = match accounting {
        "sampled" => CpuAccounting::Sampled,
        "every" => CpuAccounting::EveryPoll,
        _ => panic!("{accounting}"),
    };
    let (burner, registry) = (Burner::calibrated(), Registry::new());
    let builder = Pipeline::builder("p");
    let pipeline = match work {
        "unequal" => builder.step("s", unequal),
        "steps" => builder.step("s", once),
        "short" => builder.step("s", short),
        "sleeping" => builder.step("s", sleeping),
        "spawned" => builder.step("s", spawned),
        "blocking" => builder.step("s", blocking),
        _ => panic!("{work}"),
    };
    let pipeline = pipeline.telemetry(registry.clone()).cpu_accounting(accounting).build().unwrap();
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    let pass = |burner| {
        let before = (process_cpu(), pipeline.resources().cpu.unwrap().time);
        runtime.block_on(async {
            match work {
                "steps" => {
                    for number in 0..4_000 {
                        pipeline.run((burner, number)).await.unwrap();
                    }
                }
                _ => drop(pipeline.run((burner, 0)).await.unwrap()),
            }
        });
        let attributed = pipeline.resources().cpu.unwrap().time.saturating_sub(before.1);
        (attributed.as_secs_f64(), process_cpu().saturating_sub(before.0).as_secs_f64())
    };
    let (base, all) = (pass(Burner::IDLE), pass(burner));
    let coverage = pipeline.resources().cpu.unwrap().coverage;
    let ratio = registry.snapshot().value("telemetry_cpu_attribution_ratio", []).unwrap();
    child::answer(&[all.0 - base.0, all.1 - base.1, coverage, ratio]);
}

type Given = (Burner, u32);

/// 50 µs, of which one in fifty takes 10 ms.
fn length(number: u32) -> u32 {
    // By chance, but the same each time.
    if number.wrapping_mul(2_654_435_761) % 50 == 7 { 10_000 } else { 50 }
}

async fn unequal(_: StepContext, (burner, _): Given) -> Result<(), std::io::Error> {
    for number in 0..4_000 {
        burner.micros(length(number));
        yield_now().await;
    }
    Ok(())
}

async fn once(_: StepContext, (burner, number): Given) -> Result<(), std::io::Error> {
    burner.micros(length(number));
    Ok(())
}

async fn short(_: StepContext, (burner, _): Given) -> Result<(), std::io::Error> {
    for _ in 0..15_000 {
        burner.micros(50);
        yield_now().await;
    }
    Ok(())
}

async fn sleeping(_: StepContext, (burner, _): Given) -> Result<(), std::io::Error> {
    for number in 0..6_000_u32 {
        burner.micros(150);
        if number % 10 == 3 {
            // What nobody should do, and many do.
            std::thread::sleep(Duration::from_micros(300));
        }
        yield_now().await;
    }
    Ok(())
}

async fn spawned(ctx: StepContext, (burner, _): Given) -> Result<(), tokio::task::JoinError> {
    let work = |seed: u32| async move {
        for number in 0..1_500 {
            burner.micros(length(number + seed));
            yield_now().await;
        }
    };
    let tasks: Vec<_> = (0..3).map(|task| spawn(&ctx, work(task * 1_000))).collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}

fn spawn(
    ctx: &StepContext,
    work: impl Future<Output = ()> + Send + 'static,
) -> ia_pipeline::Task<()> {
    ctx.spawn(work)
}

async fn blocking(ctx: StepContext, (burner, _): Given) -> Result<(), tokio::task::JoinError> {
    let tasks = [0, 1].map(|_| ctx.spawn_blocking(move || burner.micros(300_000)));
    for task in tasks {
        task.await?;
    }
    Ok(())
}

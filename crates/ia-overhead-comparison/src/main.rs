//! What telemetry costs a pipeline: on, off, compiled out and written by hand, in one process.
//!
//! `cargo xtask bench overhead` builds this with the profile `bench-peers` and runs it. It prints a table for each length
//! of step, counts of allocations and instructions, the goals with what was measured for each, and writes all as JSON.
//!
//! Where to look: the library's `subjects` show what exactly is run; `timing` has the method, `statistics` the estimator,
//! `counts` what is counted instead of timed.
//!
//! Rules of the comparison:
//!
//! - A subject and its baseline take turns in one process, on the same threads, in the order on, off, off, on and then the
//!   other way round: neither a machine that changes its speed nor the place in the order favours one.
//! - A step's work is a number of turns, calibrated once. It looks at no clock, so it is the same work in a slower moment.
//! - What a run costs as a whole (its count, its duration, the gauge, its span) is shared by its ten steps.
//! - Two builds lie at different addresses, and code can be a little faster at one than at another. The row of `compiled out`
//!   beside itself shows what the method adds; it cannot show that.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "reporting to a terminal is the job"
)]
#![expect(
    clippy::expect_used,
    reason = "a comparison that cannot be set up has nothing to report, and says where it stopped"
)]

mod counts;
mod flags;
mod goals;
mod measure;
mod report;
mod row;
mod statistics;
mod table;
mod timing;

use std::process::ExitCode;

use clap::Parser as _;
use ia_bench_machine::Machine;
use ia_overhead_comparison::{ALL, Job, Runner, Subject, WARM, find, runtime};
use tokio::runtime::Runtime;

use crate::flags::Flags;
use crate::report::Report;

fn main() -> ExitCode {
    let flags = Flags::parse();
    match flags.runs {
        Some(times) => run(&flags.subject, times),
        None => compare(&flags),
    }
}

/// What callgrind looks at.
fn run(names: &[String], times: u32) -> ExitCode {
    let Some(subject) = names.first().and_then(|name| find(name)) else {
        eprintln!("no such subject: {names:?}; `subjects/mod.rs` has their names");
        return ExitCode::FAILURE;
    };
    let (runner, runtime) = (subject.make(), runtime());
    runner.prepare();
    runtime.block_on(runner.runs(Job::none(), WARM));
    runner.tidy();
    counted(&*runner, &runtime, times);
    ExitCode::SUCCESS
}

/// The only function in which callgrind counts: `counts` names it.
#[inline(never)]
fn counted(runner: &dyn Runner, runtime: &Runtime, times: u32) {
    runtime.block_on(runner.runs(Job::none(), times));
}

fn compare(flags: &Flags) -> ExitCode {
    let machine = Machine::look();
    println!("{machine}");
    let chosen = |subject: &&Subject| {
        flags.subject.is_empty() || flags.subject.iter().any(|name| subject.name.starts_with(name))
    };
    let subjects: Vec<&Subject> = ALL.iter().filter(chosen).collect();
    let counts = counts::count(&subjects);
    println!("{}", table::of_counts(&counts));
    let (rows, limits) = measure::measure(&subjects, flags.quick);
    let goals = goals::judge(&rows, &counts, limits);
    println!("{}\n{}", table::of_limits(&rows, limits), goals::table(&goals));
    let report = Report { machine: &machine, rows: &rows, counts: &counts, limits, goals: &goals };
    let written = report.write(&flags.json);
    match &written {
        Ok(()) => println!("written: {}", flags.json.display()),
        Err(error) => eprintln!("{} cannot be written: {error}", flags.json.display()),
    }
    let missed = flags.check && goals.iter().any(|goal| goal.is_missed(flags.subject.is_empty()));
    if written.is_err() || missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

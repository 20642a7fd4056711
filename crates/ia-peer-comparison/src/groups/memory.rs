//! What a series weighs: resident memory, in a fresh process for each figure.

use std::borrow::Cow;
use std::process::{Command, ExitCode};
use std::sync::Barrier;
use std::{env, thread};

use clap::ValueEnum as _;

use super::Group;
use crate::data::{Labels, Shape};
use crate::limits;
use crate::row::{Kind, Row};
use crate::store::{Store, StoreSpec};
use crate::subjects::ALL;
use ia_bench_machine as os;

const SERIES: usize = 200_000;
/// How often each thread counts each series where several do.
const WARM: u32 = 32;

pub(crate) fn measure(group: Group, shape: Shape) -> Vec<Row> {
    let limit = weigh(limits::prerendered().subject, shape, 1);
    let mut rows = Vec::new();
    for spec in ALL.iter().flat_map(|subject| subject.stores()) {
        let threads: &[usize] = if spec.kind == Kind::Ours { &[1, 2] } else { &[1] };
        for &threads in threads {
            rows.push(Row {
                group,
                case: Cow::Borrowed(""),
                subject: spec.subject,
                kind: spec.kind,
                threads,
                value: weigh(spec.subject, shape, threads),
                limit,
                how: spec.how,
            });
        }
    }
    rows
}

/// Starts this program again to weigh one subject.
fn weigh(subject: &str, shape: Shape, threads: usize) -> f64 {
    let program = env::current_exe().expect("this program is a file");
    let shape = shape.to_possible_value().expect("no shape is hidden");
    let output = Command::new(program)
        .args(["--child", subject, "--shape", shape.get_name()])
        .args(["--threads", &threads.to_string()])
        .output()
        .expect("this program starts again");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| {
        eprintln!("{subject} was not weighed: {}", String::from_utf8_lossy(&output.stderr));
        f64::NAN
    })
}

/// What the started program does: prints the bytes per series.
pub(crate) fn child(subject: &str, shape: Shape, threads: usize) -> ExitCode {
    let specs = ALL.iter().flat_map(|subject| subject.stores());
    let Some(spec) =
        [limits::prerendered()].into_iter().chain(specs).find(|spec| spec.subject == subject)
    else {
        eprintln!("there is no subject {subject}");
        return ExitCode::FAILURE;
    };
    println!("{}", grown(&spec, &shape.series(SERIES), threads));
    ExitCode::SUCCESS
}

/// How much the resident memory grows per series. One thread creates and counts each series once; more than one count
/// each of them often, by look-ups, and are still there when the memory is read.
fn grown(spec: &StoreSpec, series: &[Labels], threads: usize) -> f64 {
    let before = os::resident_bytes();
    let store = (spec.make)();
    if threads == 1 {
        store.fill(series);
        return per_series(before);
    }
    count_often(&*store, series, threads, || per_series(before))
}

fn per_series(before: u64) -> f64 {
    os::resident_bytes().saturating_sub(before) as f64 / SERIES as f64
}

fn count_often<R>(
    store: &dyn Store,
    series: &[Labels],
    threads: usize,
    then: impl FnOnce() -> R,
) -> R {
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                (0..WARM).for_each(|_| store.fill(series));
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        let result = then();
        barrier.wait();
        result
    })
}

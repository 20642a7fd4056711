//! What a page of metrics costs.

use std::borrow::Cow;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Context, Group};
use crate::data::{Labels, Shape};
use crate::limits;
use crate::row::{Kind, Row};
use crate::store::{Page, Store, StoreSpec};
use crate::subjects::ALL;
use crate::timing::cpu_ns;

/// How often each of our series is counted by each thread before the first page, so that a library that treats often
/// used series in another way does so.
const WARM: u32 = 32;

pub(crate) fn measure(context: &Context) -> Vec<Row> {
    let sizes = [(10_000, "10,000 series"), (200_000, "200,000 series")];
    let mut rows = Vec::new();
    for ((count, case), scrapes) in sizes.into_iter().zip(context.scrapes) {
        let series = Shape::Routes.series(count);
        for spec in ALL.iter().flat_map(|subject| subject.stores()) {
            let threads: &[usize] = if spec.kind == Kind::Ours { &[1, 2, 8] } else { &[1] };
            for &threads in threads {
                let (value, limit) = scrape(&spec, &series, threads, scrapes);
                rows.push(Row {
                    group: Group::Scrape,
                    case: Cow::Borrowed(case),
                    subject: spec.subject,
                    kind: spec.kind,
                    threads,
                    value,
                    limit,
                    how: spec.how,
                });
            }
        }
    }
    rows
}

/// The best of `scrapes` for the subject and for its limit, in ns per series. Both are counted by the same threads, which
/// live on and count every series once more before each page.
fn scrape(spec: &StoreSpec, series: &[Labels], threads: usize, scrapes: u32) -> (f64, f64) {
    let (limit, own) = ((limits::prerendered().make)(), (spec.make)());
    let stores = [&*limit, &*own];
    let turns = Turns::new(threads);
    let warm = if spec.kind == Kind::Ours { WARM } else { 1 };
    thread::scope(|scope| {
        for i in 0..threads {
            let turns = &turns;
            scope.spawn(move || record(stores, series, i == 0, warm, turns));
        }
        turns.ready();
        let mut best = [f64::INFINITY; 2];
        let mut pages = [Page::default(), Page::default()];
        for (store, page) in stores.iter().zip(&mut pages) {
            store.scrape(page);
            let lines = page.lines();
            assert!(lines >= series.len(), "{}: {lines} lines of {}", spec.subject, series.len());
        }
        for _ in 0..scrapes {
            turns.once_more();
            for ((store, page), best) in stores.iter().zip(&mut pages).zip(&mut best) {
                *best = best.min(cpu_ns(|| store.scrape(page)) / series.len() as f64);
            }
        }
        turns.stop();
        let [limit, own] = best;
        (own, limit)
    })
}

/// A thread that records: `first` creates the series, all others find them.
fn record(stores: [&dyn Store; 2], series: &[Labels], first: bool, warm: u32, turns: &Turns) {
    if first {
        stores.iter().for_each(|store| store.fill(series));
    }
    turns.step();
    let mut recorders = stores.map(|store| store.recorder(series));
    for recorder in &mut recorders {
        (0..warm).for_each(|_| recorder());
    }
    turns.step();
    loop {
        turns.step();
        if turns.stopped.load(Ordering::Acquire) {
            return;
        }
        recorders.iter_mut().for_each(|recorder| recorder());
        turns.step();
    }
}

/// Lets the recording threads and the scraping one take turns.
struct Turns {
    barrier: Barrier,
    stopped: AtomicBool,
}

impl Turns {
    fn new(threads: usize) -> Self {
        Self { barrier: Barrier::new(threads + 1), stopped: AtomicBool::new(false) }
    }

    fn step(&self) {
        self.barrier.wait();
    }

    /// Waits until all series exist and are warm.
    fn ready(&self) {
        self.step();
        self.step();
    }

    /// Has each thread count each series.
    fn once_more(&self) {
        self.step();
        self.step();
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.step();
    }
}

//! How long a recording takes at worst while somebody scrapes.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Context, Group};
use crate::data::Shape;
use crate::limits;
use crate::row::Row;
use crate::store::{Page, Store};
use crate::subjects::ALL;
use crate::timing::{Stalls, stalls};
use crate::work::Work;
use ia_bench_machine as os;

const SERIES: usize = 10_000;

pub(crate) fn measure(context: &Context) -> Vec<Row> {
    if context.cores == 1 {
        eprintln!(
            "tail is left out: there is one processor, and two threads would wait for each other"
        );
        return Vec::new();
    }
    let series = Shape::Routes.series(SERIES);
    let limit = (limits::prerendered().make)();
    limit.fill(&series);
    let mut rows = Vec::new();
    for tail in ALL.iter().filter_map(|subject| subject.tail(&series)) {
        let mut add = |work: &Work, bound: &Work, cases: [&'static str; 2]| {
            let bound = watch(bound, &*limit, context.watch_ns);
            let own = watch(work, &*tail.store, context.watch_ns);
            let figures = [(own.p50, bound.p50), (own.p9999, bound.p9999)];
            rows.extend(cases.into_iter().zip(figures).map(|(case, (value, limit))| Row {
                group: Group::Tail,
                case: Cow::Borrowed(case),
                subject: work.subject,
                kind: work.kind,
                threads: 1,
                value,
                limit,
                how: work.how,
            }));
        };
        add(&tail.counter, &limits::counter(), ["counter, p50", "counter, p99.99"]);
        if let Some(histogram) = &tail.histogram {
            add(histogram, &limits::histogram(), ["histogram, p50", "histogram, p99.99"]);
        }
    }
    rows
}

/// Watches `work` for stalls while another thread scrapes `store` without pause.
fn watch(work: &Work, store: &dyn Store, ns: u64) -> Stalls {
    let cpus = os::cpus();
    let stopped = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            os::pin(cpus[1]);
            let mut page = Page::default();
            while !stopped.load(Ordering::Relaxed) {
                store.scrape(&mut page);
            }
        });
        let watched = scope.spawn(|| {
            os::pin(cpus[0]);
            stalls(&mut work.start(), ns)
        });
        let watched = watched.join();
        stopped.store(true, Ordering::Relaxed);
        watched.expect("a subject panicked")
    })
}

//! What one recording costs.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Context, Group};
use crate::data::Sequence;
use crate::limits;
use crate::row::Row;
use crate::subjects::{ALL, Subject};
use crate::timing::recording;
use crate::work::Work;

pub(crate) fn measure(group: Group, context: &Context) -> Vec<Row> {
    match group {
        Group::Counter => {
            let works = of_all([limits::shared_counter()], |subject| subject.counter());
            rows(group, "", &limits::counter(), &works, context)
        }
        Group::Histogram => {
            let works = of_all([limits::shared_histogram()], |subject| subject.histogram());
            rows(group, "", &limits::histogram(), &works, context)
        }
        Group::NativeHistogram => {
            let works = of_all([], |subject| subject.native_histogram());
            rows(group, "", &limits::histogram(), &works, context)
        }
        Group::Labels => {
            let of = |count, case| {
                let sequence = Arc::new(Sequence::new(count));
                let works = of_all([], |subject| subject.labels(&sequence));
                rows(group, case, &limits::labels(&sequence), &works, context)
            };
            [of(100, "100 series"), of(10_000, "10,000 series")].concat()
        }
        Group::LabelsEnum => {
            let works = of_all([], |subject| subject.closed_labels());
            rows(group, "", &limits::closed_labels(), &works, context)
        }
        // A loop without a body does not get slower by threads.
        _ => {
            let works = of_all([], |subject| subject.disabled());
            let limit = limits::empty();
            works.iter().map(|work| row(group, "", &limit, work, 1, context)).collect()
        }
    }
}

fn of_all<const N: usize>(parts: [Work; N], of: impl Fn(&dyn Subject) -> Vec<Work>) -> Vec<Work> {
    parts.into_iter().chain(ALL.iter().flat_map(|subject| of(*subject))).collect()
}

fn rows(
    group: Group,
    case: &'static str,
    limit: &Work,
    works: &[Work],
    context: &Context,
) -> Vec<Row> {
    context
        .threads()
        .flat_map(|threads| {
            works.iter().map(move |work| row(group, case, limit, work, threads, context))
        })
        .collect()
}

fn row(
    group: Group,
    case: &'static str,
    limit: &Work,
    work: &Work,
    threads: usize,
    context: &Context,
) -> Row {
    let (value, bound) = recording(work, limit, threads, context.budget);
    Row {
        group,
        case: Cow::Borrowed(case),
        subject: work.subject,
        kind: work.kind,
        threads,
        value,
        limit: bound,
        how: work.how,
    }
}

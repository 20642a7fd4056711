//! What the first look-up of a series costs.

use std::borrow::Cow;

use super::{Context, Group};
use crate::data::{Labels, Shape};
use crate::limits;
use crate::row::Row;
use crate::store::StoreSpec;
use crate::subjects::ALL;
use crate::timing::cpu_ns;

const SERIES: usize = 200_000;

pub(crate) fn measure(context: &Context) -> Vec<Row> {
    let (series, limit) = (Shape::Routes.series(SERIES), limits::prerendered());
    let specs = ALL.iter().flat_map(|subject| subject.stores());
    specs
        .map(|spec| {
            let (mut value, mut bound) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..context.creations {
                bound = bound.min(creation(&limit, &series));
                value = value.min(creation(&spec, &series));
            }
            Row {
                group: Group::Create,
                case: Cow::Borrowed(""),
                subject: spec.subject,
                kind: spec.kind,
                threads: 1,
                value,
                limit: bound,
                how: spec.how,
            }
        })
        .collect()
}

fn creation(spec: &StoreSpec, series: &[Labels]) -> f64 {
    let store = (spec.make)();
    cpu_ns(|| store.fill(series)) / series.len() as f64
}

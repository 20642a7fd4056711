//! `hdrhistogram`: a data structure with one owner, not a metrics library.

use std::hint::black_box;
use std::sync::Arc;

use hdrhistogram::Histogram;

use super::Subject;
use crate::data::durations;
use crate::row::Kind;
use crate::work::{Work, over};

pub(crate) struct HdrHistogram;

impl Subject for HdrHistogram {
    fn native_histogram(&self) -> Vec<Work> {
        let nanoseconds: Arc<[u64]> = durations()
            .iter()
            .map(|value| u64::try_from(value.as_nanos()).unwrap_or(u64::MAX))
            .collect();
        let how = "Histogram<u64>::record of nanoseconds, which needs &mut: one for each thread; 1 µs to 1 h at 2 \
                   digits, no sum";
        vec![Work::new(Kind::Owned, "hdrhistogram", how, move || {
            let mut histogram = Histogram::<u64>::new_with_bounds(1_000, 3_600_000_000_000, 2)
                .expect("the bounds are valid");
            over(&nanoseconds, move |value| {
                let recorded = black_box(&mut histogram).record(*value);
                recorded.expect("the values are within the bounds");
            })
        })]
    }
}

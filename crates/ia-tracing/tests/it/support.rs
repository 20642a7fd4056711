//! What several tests need.

use std::time::Duration;

use ia_tracing::{ManualClock, SpanData, Spans, Tracer};

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A tracer whose time stands still until the clock is advanced.
pub(crate) fn manual() -> (Tracer, ManualClock) {
    let clock = ManualClock::new();
    (Tracer::builder().clock(clock.clone()).build(), clock)
}

/// The one span of that name.
#[track_caller]
pub(crate) fn named<'a>(spans: &'a Spans, name: &str) -> &'a SpanData {
    let mut found = spans.iter().filter(|span| span.name() == name);
    match (found.next(), found.next()) {
        (Some(span), None) => span,
        (first, _) => {
            let count = if first.is_some() { "several spans" } else { "no span" };
            panic!("{count} named {name:?} in {}", spans.tree())
        }
    }
}

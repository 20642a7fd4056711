//! The finished spans a tracer keeps.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{SpanData, Spans, TracerStats};

/// A ring of the newest finished spans, and the count of all.
#[derive(Debug)]
pub(crate) struct Memory {
    /// `None` counts spans and keeps none.
    capacity: Option<usize>,
    ring: Mutex<Ring>,
}

/// Spans and counts change under one lock, so that the counts add up at every moment.
#[derive(Debug, Default)]
struct Ring {
    spans: VecDeque<SpanData>,
    recorded: u64,
    evicted: u64,
    cleared: u64,
}

impl Memory {
    pub(crate) fn bounded(capacity: usize) -> Self {
        Self { capacity: Some(capacity), ring: Mutex::default() }
    }

    pub(crate) fn none() -> Self {
        Self { capacity: None, ring: Mutex::default() }
    }

    pub(crate) fn push(&self, span: &SpanData) {
        let mut ring = self.ring();
        ring.recorded += 1;
        let Some(capacity) = self.capacity else { return };
        ring.spans.push_back(span.clone());
        let oldest = if ring.spans.len() > capacity {
            ring.evicted += 1;
            ring.spans.pop_front()
        } else {
            None
        };
        // Freeing a span takes a while; nobody should wait for it.
        drop(ring);
        drop(oldest);
    }

    /// The spans that `keep` accepts, oldest first.
    pub(crate) fn spans(&self, keep: impl Fn(&SpanData) -> bool) -> Spans {
        self.ring().spans.iter().filter(|span| keep(span)).cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut ring = self.ring();
        ring.cleared += ring.spans.len() as u64;
        let spans = std::mem::take(&mut ring.spans);
        // Freeing many spans takes a while; nobody should wait for it.
        drop(ring);
        drop(spans);
    }

    pub(crate) fn stats(&self) -> TracerStats {
        let ring = self.ring();
        TracerStats {
            recorded: ring.recorded,
            in_memory: ring.spans.len() as u64,
            evicted: ring.evicted,
            cleared: ring.cleared,
            sink_panics: 0,
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

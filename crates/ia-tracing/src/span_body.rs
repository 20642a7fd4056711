//! What changes on a span while it runs.

use crate::attributes::Attributes;
use crate::{Event, Status};

/// What changes on a span while it runs, within its limits.
#[derive(Debug, Default)]
pub(crate) struct SpanBody {
    pub(crate) attributes: Attributes,
    pub(crate) status: Status,
    events: Vec<Event>,
    dropped_events: u64,
}

impl SpanBody {
    /// How many events a span holds: OpenTelemetry's default.
    const EVENT_LIMIT: usize = 128;

    pub(crate) fn new(attributes: Attributes) -> Self {
        Self { attributes, ..Self::default() }
    }

    pub(crate) fn add_event(&mut self, event: Event) {
        if self.events.len() < Self::EVENT_LIMIT {
            self.events.push(event);
        } else {
            self.dropped_events += 1;
        }
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many events found no room.
    pub(crate) const fn dropped_events(&self) -> u64 {
        self.dropped_events
    }
}

//! Something that happened at one moment of a span.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::Value;
use crate::attributes::Attributes;

/// Something that happened at one moment of a span. Made by
/// [`Span::add_event`](crate::Span::add_event).
#[derive(Debug, Clone)]
pub struct Event {
    name: Cow<'static, str>,
    time: SystemTime,
    attributes: Attributes,
}

impl Event {
    pub(crate) const fn new(
        name: Cow<'static, str>,
        time: SystemTime,
        attributes: Attributes,
    ) -> Self {
        Self { name, time, attributes }
    }

    /// What happened.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it happened, on the same clock as [`SpanData::start`](crate::SpanData::start).
    #[must_use]
    pub const fn time(&self) -> SystemTime {
        self.time
    }

    /// Its attributes, in the order they were given.
    #[must_use]
    pub fn attributes(&self) -> &[(Cow<'static, str>, Value)] {
        self.attributes.as_slice()
    }

    /// The value of one attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        self.attributes.get(key)
    }

    /// How many attributes were cut because the event held 128 already.
    #[must_use]
    pub const fn dropped_attributes(&self) -> u64 {
        self.attributes.dropped()
    }
}

//! A bounded list of attributes.

use std::borrow::Cow;

use crate::Value;

/// Names and values in the order they were first set; at most [`Attributes::LIMIT`] of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attributes {
    entries: Vec<(Cow<'static, str>, Value)>,
    dropped: u64,
}

impl Attributes {
    /// How many attributes a span or an event holds: OpenTelemetry's default.
    const LIMIT: usize = 128;

    /// Sets one attribute, replacing the value of a name that is there already.
    pub(crate) fn set(&mut self, key: Cow<'static, str>, value: Value) {
        if let Some((_, old)) = self.entries.iter_mut().find(|(name, _)| *name == key) {
            *old = value;
        } else if self.entries.len() < Self::LIMIT {
            self.entries.push((key, value));
        } else {
            self.dropped += 1;
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(crate) fn as_slice(&self) -> &[(Cow<'static, str>, Value)] {
        &self.entries
    }

    /// How often an attribute found no room.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<Value>> FromIterator<(K, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut attributes = Self::default();
        for (key, value) in entries {
            attributes.set(key.into(), value.into());
        }
        attributes
    }
}

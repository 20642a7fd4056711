//! Reads the fields of a map, says which are unknown, and which are of the wrong type.

use std::time::Duration;

use super::error::FlowFileErrorKind as Kind;
use super::node::{Cursor, NodeValue};
use super::place::Place;
use super::problems::Problems;
use super::words::{or_which, quoted};

/// The fields of a map. One map may be spread over two: a condition has its fields beside its type or in `config`.
pub(crate) struct Fields<'a> {
    maps: Vec<Cursor<'a>>,
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// The fields of what is called `what`; `None`, and an error, where it is not a map.
    pub(crate) fn of(
        cursor: Cursor<'a>,
        what: &'static str,
        problems: &mut Problems,
    ) -> Option<Self> {
        if matches!(cursor.node.value, NodeValue::Map(_)) {
            return Some(Self { maps: vec![cursor], what });
        }
        let message = format!("{what} has to be a map, but this is {}", cursor.node.kind());
        problems.error(cursor.place(), Kind::WrongType, message);
        None
    }

    /// Takes the fields of another map as well; those looked at first come first.
    pub(crate) fn and_before(mut self, other: Self) -> Self {
        self.maps.splice(0..0, other.maps);
        self
    }

    pub(crate) fn place(&self) -> Place {
        self.maps.last().map_or_else(|| Place::root(super::place::Position::START), Cursor::place)
    }

    /// The field, also where it is null.
    pub(crate) fn raw(&self, name: &str) -> Option<Cursor<'a>> {
        self.maps.iter().find_map(|map| map.field(name))
    }

    /// The field under the first of these names that is there and not null.
    pub(crate) fn get(&self, names: &[&str]) -> Option<Cursor<'a>> {
        let present = |cursor: &Cursor<'a>| !matches!(cursor.node.value, NodeValue::Null);
        names.iter().find_map(|name| self.raw(name).filter(present))
    }

    /// A text, under the first of these names that is there.
    pub(crate) fn text(&self, names: &[&str], problems: &mut Problems) -> Option<(String, Place)> {
        let field = self.get(names)?;
        match &field.node.value {
            NodeValue::Text(text) => Some((text.clone(), field.place())),
            _ => wrong_type(&field, "a text", problems),
        }
    }

    /// A text that has to be there and not be empty.
    pub(crate) fn required_text(
        &self,
        names: &[&str],
        problems: &mut Problems,
    ) -> Option<(String, Place)> {
        if self.get(names).is_none() {
            self.missing(names[0], problems);
            return None;
        }
        let (text, place) = self.text(names, problems)?;
        if text.is_empty() {
            let message = format!("{} is empty; give it a name", quoted(names[0]));
            problems.error(place, Kind::BadValue, message);
            return None;
        }
        Some((text, place))
    }

    pub(crate) fn missing(&self, name: &str, problems: &mut Problems) {
        let message = format!("{} has no {}; add it", self.what, quoted(name));
        problems.error(self.place(), Kind::Missing, message);
    }

    pub(crate) fn flag(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        let field = self.get(&[name])?;
        match field.node.value {
            NodeValue::Bool(yes) => Some(yes),
            _ => wrong_type(&field, "true or false", problems),
        }
    }

    /// A whole number of at least `least`.
    pub(crate) fn count(&self, name: &str, least: u32, problems: &mut Problems) -> Option<u32> {
        let field = self.get(&[name])?;
        let NodeValue::Number(number) = &field.node.value else {
            return wrong_type(&field, "a whole number", problems);
        };
        let count = number.as_u64().and_then(|count| u32::try_from(count).ok());
        if let Some(count) = count.filter(|count| *count >= least) {
            return Some(count);
        }
        let message = format!("{number} is not a whole number from {least} to {}", u32::MAX);
        problems.error(field.place(), Kind::BadValue, message);
        None
    }

    /// A number of at least `least`.
    pub(crate) fn number(&self, name: &str, least: f64, problems: &mut Problems) -> Option<f64> {
        let field = self.get(&[name])?;
        let NodeValue::Number(number) = &field.node.value else {
            return wrong_type(&field, "a number", problems);
        };
        if let Some(value) = number.as_f64().filter(|value| value.is_finite() && *value >= least) {
            return Some(value);
        }
        problems.error(
            field.place(),
            Kind::BadValue,
            format!("{number} is less than {least}; use at least that"),
        );
        None
    }

    /// A time in seconds.
    pub(crate) fn seconds(&self, name: &str, problems: &mut Problems) -> Option<Duration> {
        let seconds = self.number(name, 0.0, problems)?;
        if let Ok(duration) = Duration::try_from_secs_f64(seconds) {
            return Some(duration);
        }
        let place = self.get(&[name]).map_or_else(|| self.place(), |field| field.place());
        problems.error(place, Kind::BadValue, format!("{seconds} seconds are too many"));
        None
    }

    /// Warns of fields that are none of these.
    pub(crate) fn unknown(&self, known: &[&str], problems: &mut Problems) {
        for (entry, cursor) in self.maps.iter().flat_map(Cursor::fields) {
            if !known.contains(&entry.key.as_str()) {
                let place = Place { path: cursor.path, at: entry.key_at };
                let which = or_which(&entry.key, known.iter().copied());
                let message = format!(
                    "{} has no field {}, so it has no effect; {which}",
                    self.what,
                    quoted(&entry.key)
                );
                problems.warn(place, message);
            }
        }
    }
}

pub(crate) fn wrong_type<T>(
    cursor: &Cursor<'_>,
    wanted: &str,
    problems: &mut Problems,
) -> Option<T> {
    let message = format!("this has to be {wanted}, but is {}", cursor.node.kind());
    problems.error(cursor.place(), Kind::WrongType, message);
    None
}

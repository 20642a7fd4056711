//! Label values: interned once, compared whole.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

/// The most bytes of a label value that are kept; what is longer is cut on a character boundary and ends in `…`.
pub(crate) const VALUE_LIMIT: usize = 4_096;

/// The values of one series, in the order of the metric's labels.
pub(crate) type Values = Arc<[Arc<str>]>;

/// Keeps every distinct label value of a registry once.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    table: Mutex<HashTable<Arc<str>>>,
    hasher: DefaultHashBuilder,
}

impl Interner {
    pub(crate) fn intern(&self, value: &str) -> Arc<str> {
        let hash = self.hasher.hash_one(value);
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = table.find(hash, |known| **known == *value) {
            return Arc::clone(known);
        }
        let value: Arc<str> = Arc::from(value);
        table.insert_unique(hash, Arc::clone(&value), |value| self.hasher.hash_one(&**value));
        value
    }
}

/// Cuts a value that is too long to be a label.
pub(crate) fn clip(value: &str) -> std::borrow::Cow<'_, str> {
    if value.len() <= VALUE_LIMIT {
        return value.into();
    }
    let ellipsis = "…";
    let mut end = VALUE_LIMIT - ellipsis.len();
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ellipsis}", &value[..end]).into()
}

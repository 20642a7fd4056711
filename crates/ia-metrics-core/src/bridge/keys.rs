//! Known keys and their handles, by the hash that a key carries.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashTable;
use metrics::{Key, Label};

use super::handles::Bridged;

/// A key and what it leads to.
pub(super) struct Entry<M: Bridged> {
    pub(super) key: Key,
    pub(super) metric: M,
    /// For those that do not come often enough to have one of their own.
    pub(super) handle: M::Handle,
}

/// The keys that have a series of their own: as many as there are series.
pub(super) struct Keys<M: Bridged> {
    table: RwLock<HashTable<Arc<Entry<M>>>>,
}

impl<M: Bridged> Keys<M> {
    pub(super) fn find(&self, key: &Key) -> Option<Arc<Entry<M>>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.find(key.get_hash(), |entry| same(&entry.key, key)).cloned()
    }

    /// Adds the key, unless another thread was faster.
    pub(super) fn insert(&self, key: &Key, metric: M) -> Arc<Entry<M>> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = table.find(key.get_hash(), |entry| same(&entry.key, key)) {
            return Arc::clone(known);
        }
        let handle = metric.clone().handle();
        let entry = Arc::new(Entry { key: key.clone(), metric, handle });
        table.insert_unique(key.get_hash(), Arc::clone(&entry), |entry| entry.key.get_hash());
        entry
    }

    pub(super) fn len(&self) -> usize {
        self.table.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl<M: Bridged> Default for Keys<M> {
    fn default() -> Self {
        Self { table: RwLock::default() }
    }
}

/// Whether two keys lead to the same series.
///
/// The key's own comparison sorts the labels each time, and takes two orders of one label given twice for the same, where
/// the last one counts.
pub(super) fn same(known: &Key, asked: &Key) -> bool {
    known.get_hash() == asked.get_hash()
        && same_text(known.name(), asked.name())
        && known.labels().len() == asked.labels().len()
        && (known.labels().zip(asked.labels()).all(same_label)
            || (known == asked && !has_repetition(known)))
}

fn same_label((known, asked): (&Label, &Label)) -> bool {
    same_text(known.key(), asked.key()) && same_text(known.value(), asked.value())
}

/// Names mostly come from one place in the code, and are at one place in memory.
fn same_text(known: &str, asked: &str) -> bool {
    std::ptr::eq(known, asked) || known == asked
}

fn has_repetition(key: &Key) -> bool {
    let mut labels = key.labels();
    std::iter::from_fn(|| labels.next().map(|label| (label, labels.clone())))
        .any(|(label, mut later)| later.any(|other| other.key() == label.key()))
}
